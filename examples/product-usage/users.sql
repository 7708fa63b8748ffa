-- How each user uses the product: one row a user, those included who never did anything.
--
-- Windows end with the last whole day that has events, not with now(): a row changes when its data does, and a sync that runs
-- every hour sends a user once a day at most. For the same reason the last visit is a day.

with today as (
  select date_trunc('day', max(occurred_at), 'UTC') + interval '1 day' as ends_at
  from app.events
),

usage as (
  select
    user_id,
    count(*) filter (where name = 'login' and occurred_at >= ends_at - interval '30 days') as logins_30d,
    count(*) filter (where name = 'report_exported' and occurred_at >= ends_at - interval '30 days') as exports_30d,
    count(distinct date_trunc('day', occurred_at, 'UTC')) filter (
      where occurred_at >= ends_at - interval '30 days'
    ) as active_days_30d,
    count(distinct date_trunc('day', occurred_at, 'UTC')) filter (
      where occurred_at >= ends_at - interval '60 days' and occurred_at < ends_at - interval '30 days'
    ) as active_days_previous_30d,
    bool_or(name = 'report_exported') as has_exported_a_report,
    (max(occurred_at) at time zone 'UTC')::date as last_active_on
  from app.events
  cross join today
  group by user_id
)

select
  users.id as user_id,
  users.email,
  users.created_at,
  coalesce(usage.logins_30d, 0) as logins_30d,
  coalesce(usage.exports_30d, 0) as exports_30d,
  coalesce(usage.active_days_30d, 0) as active_days_30d,
  coalesce(usage.active_days_30d, 0) - coalesce(usage.active_days_previous_30d, 0) as active_days_trend,
  coalesce(usage.has_exported_a_report, false) as has_exported_a_report,
  usage.last_active_on
from app.users
left join usage on usage.user_id = users.id
where users.deleted_at is null
