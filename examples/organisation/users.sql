-- Each user with the organisation that they belong to, and what it pays: one row a user.
--
-- Of several organisations the one counts in which the user has the most to say, then the one that they joined first. Without
-- `distinct on` such a user would be two rows of one key, and neither of them would be sent.

with main_membership as (
  select distinct on (user_id)
    user_id,
    organisation_id,
    role
  from app.memberships
  order by
    user_id,
    array_position(array['owner', 'admin', 'member'], role),
    joined_at
),

current_plan as (
  select organisation_id, plan, seats, seats * price_per_seat as monthly_revenue
  from app.subscriptions
  where ended_at is null
),

people as (
  select organisation_id, count(*) as members
  from app.memberships
  group by organisation_id
)

select
  users.id as user_id,
  users.email,
  main_membership.role,
  organisations.id as organisation_id,
  organisations.name as organisation_name,
  organisations.industry,
  organisations.employee_count,
  case when organisations.id is not null then coalesce(current_plan.plan, 'none') end as plan,
  current_plan.monthly_revenue,
  round(100.0 * people.members / current_plan.seats, 1) as seats_used_percent
from app.users
left join main_membership on main_membership.user_id = users.id
left join app.organisations on organisations.id = main_membership.organisation_id
left join current_plan on current_plan.organisation_id = organisations.id
left join people on people.organisation_id = organisations.id
where users.deleted_at is null
