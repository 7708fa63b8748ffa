-- One row for each person: what they did, where they work, and what that makes of them.
--
-- Time is measured from the end of the last day that has events, not from now(). So a row changes when its data
-- changes, and a sync that runs again over the same data has nothing to send.

with today as (
  select date_trunc('day', max(occurred_at), 'UTC') + interval '1 day' as ends_at
  from app.events
),

usage as (
  select
    person_id,
    count(*) filter (where name = 'login' and occurred_at >= ends_at - interval '30 days') as logins_30d,
    count(*) filter (where occurred_at >= ends_at - interval '7 days') as events_7d,
    count(*) filter (where occurred_at >= ends_at - interval '30 days') as events_30d,
    count(*) filter (
      where occurred_at >= ends_at - interval '60 days' and occurred_at < ends_at - interval '30 days'
    ) as events_previous_30d,
    count(distinct date_trunc('day', occurred_at, 'UTC')) filter (
      where occurred_at >= ends_at - interval '30 days'
    ) as active_days_30d,
    max(occurred_at) as last_seen_at
  from app.events
  cross join today
  group by person_id
),

-- People who never did anything have no events, and count as zero.
person as (
  select
    people.*,
    coalesce(logins_30d, 0) as logins_30d,
    coalesce(events_7d, 0) as events_7d,
    coalesce(events_30d, 0) as events_30d,
    coalesce(events_previous_30d, 0) as events_previous_30d,
    coalesce(active_days_30d, 0) as active_days_30d,
    last_seen_at
  from app.people
  left join usage on usage.person_id = people.id
),

organisation_usage as (
  select
    organisation_id,
    count(*) as people,
    count(*) filter (where events_30d > 0) as active_people_30d,
    sum(events_30d)::bigint as events_30d
  from person
  group by organisation_id
),

current_plan as (
  select
    organisation_id,
    plans.name as plan,
    seats,
    seats * price_per_seat as monthly_revenue
  from app.subscriptions
  join app.plans on plans.code = subscriptions.plan_code
  where ended_at is null
)

select
  person.user_id,

  -- the person
  person.email,
  person.first_name,
  person.last_name,
  person.job_title,
  person.phone,
  person.locale,
  person.time_zone,
  person.birthday,
  person.created_at,
  person.trial_ends_at,
  person.marketing_consent,
  person.interests,
  person.preferences,
  person."crmContactId",
  person."Lifetime Value",
  person.health_score,
  person.notes,

  -- their usage
  person.logins_30d,
  person.events_7d,
  person.events_30d,
  person.active_days_30d,
  person.last_seen_at,

  -- their organisation
  organisations.name as organisation_name,
  organisations.industry as organisation_industry,
  organisations.country as organisation_country,
  coalesce(current_plan.plan, 'None') as plan,
  current_plan.seats,
  round(100.0 * organisation_usage.people / current_plan.seats, 1) as seats_used_percent,
  current_plan.monthly_revenue,
  organisation_usage.active_people_30d as organisation_active_people_30d,
  organisation_usage.events_30d as organisation_events_30d,
  rank() over (partition by person.organisation_id order by person.events_30d desc) as usage_rank_in_organisation,
  round(100.0 * person.events_30d / nullif(organisation_usage.events_30d, 0), 1) as usage_share_of_organisation_percent,

  -- what that makes of them
  case
    when person.active_days_30d >= 15 then 'power'
    when person.active_days_30d >= 5 then 'regular'
    when person.active_days_30d >= 1 then 'occasional'
    when person.last_seen_at is not null then 'dormant'
    else 'never active'
  end as usage_class,
  case
    when current_plan.plan is null then 'churned'
    when person.created_at >= today.ends_at - interval '14 days' then 'new'
    when person.last_seen_at is null then 'not activated'
    when person.events_30d = 0 then 'lapsed'
    when person.events_30d * 2 < person.events_previous_30d then 'churn risk'
    else 'engaged'
  end as lifecycle_stage

from person
cross join today
left join app.organisations on organisations.id = person.organisation_id
left join organisation_usage on organisation_usage.organisation_id = person.organisation_id
left join current_plan on current_plan.organisation_id = person.organisation_id
