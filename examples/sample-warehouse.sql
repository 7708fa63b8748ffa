-- A small warehouse for the examples beside it: what an application knows of its users, and what a model made of them.
-- psql "$WAREHOUSE_URL" -f sample-warehouse.sql

create schema app;
create schema analytics;

create table app.organisations (
  id bigint primary key,
  name text not null,
  industry text,
  employee_count integer
);

create table app.users (
  id bigint primary key,
  email text not null,
  full_name text not null,
  created_at timestamptz not null,
  deleted_at timestamptz
);

-- A user may belong to several organisations.
create table app.memberships (
  user_id bigint not null references app.users,
  organisation_id bigint not null references app.organisations,
  role text not null check (role in ('owner', 'admin', 'member')),
  joined_at timestamptz not null,
  primary key (user_id, organisation_id)
);

-- One row for each plan that an organisation has had; the one without an end is the current one.
create table app.subscriptions (
  id bigint primary key,
  organisation_id bigint not null references app.organisations,
  plan text not null,
  seats integer not null,
  price_per_seat numeric(10, 2) not null,
  started_at timestamptz not null,
  ended_at timestamptz
);

create table app.events (
  id bigint primary key,
  user_id bigint not null references app.users,
  name text not null,
  occurred_at timestamptz not null
);

-- What a classification model wrote, run after run: the newest row of a user is what holds.
create table analytics.user_classifications (
  user_id bigint not null,
  model_version text not null,
  class text not null,
  probability double precision not null,
  scored_at timestamptz not null,
  primary key (user_id, model_version, scored_at)
);

insert into app.organisations values
  (1, 'Acme', 'Manufacturing', 1200),
  (2, 'Bright Labs', 'Research', 45),
  (3, 'Corner Shop', null, null);

insert into app.users values
  (101, 'ada@acme.example', 'Ada Byron', '2025-01-10T09:00:00Z', null),
  (102, 'grace@acme.example', 'Grace Hopper', '2025-03-02T10:30:00Z', null),
  (103, 'katherine@bright.example', 'Katherine Johnson', '2025-04-21T08:15:00Z', null),
  (104, 'alan@corner.example', 'Alan Turing', '2025-06-20T16:45:00Z', null),
  (105, 'mary@nowhere.example', 'Mary Somerville', '2025-06-29T11:00:00Z', null),
  (106, 'gone@acme.example', 'Left Already', '2024-11-05T12:00:00Z', '2025-05-01T12:00:00Z');

insert into app.memberships values
  (101, 1, 'owner', '2025-01-10T09:00:00Z'),
  (102, 1, 'member', '2025-03-02T10:30:00Z'),
  -- In two: her own organisation counts more than the one that she helps out in.
  (103, 1, 'member', '2025-04-20T08:00:00Z'),
  (103, 2, 'owner', '2025-04-21T08:15:00Z'),
  (104, 3, 'admin', '2025-06-20T16:45:00Z');

insert into app.subscriptions values
  (1, 1, 'team', 10, 12.00, '2025-01-10T09:00:00Z', '2025-05-01T00:00:00Z'),
  (2, 1, 'enterprise', 250, 24.50, '2025-05-01T00:00:00Z', null),
  (3, 2, 'team', 20, 12.00, '2025-04-21T08:15:00Z', null),
  (4, 3, 'team', 3, 12.00, '2025-06-20T16:45:00Z', '2025-06-27T00:00:00Z');

insert into app.events (id, user_id, name, occurred_at)
select row_number() over (order by user_id, name, at), user_id, name, at
from (
  -- Ada is there every day, Grace on Mondays, Katherine no more, Alan once. Mary never did anything.
  select 101, 'login', day + interval '9 hours'
  from generate_series(timestamptz '2025-05-01', '2025-06-30', interval '1 day') as day
  union all
  select 101, 'report_exported', day + interval '10 hours'
  from generate_series(timestamptz '2025-06-01', '2025-06-30', interval '3 days') as day
  union all
  select 102, 'login', day + interval '8 hours'
  from generate_series(timestamptz '2025-05-05', '2025-06-30', interval '7 days') as day
  union all
  select 102, 'report_viewed', day + interval '8 hours 30 minutes'
  from generate_series(timestamptz '2025-05-05', '2025-06-30', interval '7 days') as day
  union all
  select 103, 'login', day + interval '12 hours'
  from generate_series(timestamptz '2025-04-22', '2025-05-20', interval '2 days') as day
  union all
  select 104, 'login', timestamptz '2025-06-20T16:50:00Z'
) as event (user_id, name, at);

insert into analytics.user_classifications values
  (101, 'v1', 'power', 0.71250, '2025-06-01T03:00:00Z'),
  (101, 'v2', 'champion', 0.93471, '2025-06-30T03:00:00Z'),
  (102, 'v2', 'regular', 0.64108, '2025-06-30T03:00:00Z'),
  (103, 'v2', 'churn_risk', 0.88820, '2025-06-30T03:00:00Z'),
  -- Hardly better than a guess.
  (104, 'v2', 'churn_risk', 0.34000, '2025-06-30T03:00:00Z'),
  (106, 'v2', 'regular', 0.90000, '2025-06-30T03:00:00Z');
