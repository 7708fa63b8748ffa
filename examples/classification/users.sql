-- What the classification model says of each user: its newest word, when it is sure enough.
--
-- The probability is rounded, so that a model that runs every night and moves the fourth digit does not send every user again.

with newest as (
  select distinct on (user_id)
    user_id,
    model_version,
    class,
    probability,
    scored_at
  from analytics.user_classifications
  order by user_id, scored_at desc
)

select
  users.id as user_id,
  users.email,
  users.full_name,
  case when newest.probability >= 0.5 then newest.class end as class,
  round(newest.probability::numeric, 2) as probability,
  newest.model_version,
  newest.scored_at
from app.users
join newest on newest.user_id = users.id
where users.deleted_at is null
