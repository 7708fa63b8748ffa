/** The tables of the sample product: what a team's warehouse holds of its application. */
export const SAMPLE_SCHEMA = `
create schema app;

create table app.plans (
  code text primary key,
  name text not null,
  price_per_seat numeric(10, 2) not null
);

create table app.organisations (
  id integer primary key,
  name text not null,
  domain text not null,
  industry text not null,
  country text not null,
  created_at timestamptz not null
);

-- One row for each plan that an organisation has had; the one without an end is the current one.
create table app.subscriptions (
  id integer primary key,
  organisation_id integer not null references app.organisations,
  plan_code text not null references app.plans,
  seats integer not null,
  started_at timestamptz not null,
  ended_at timestamptz
);

-- user_id is what the application calls a person. It is neither unique nor always there: an import from the CRM wrote
-- into this table as well, and left two columns that are named as the CRM names them.
create table app.people (
  id integer primary key,
  user_id text,
  organisation_id integer references app.organisations,
  email text,
  first_name text,
  last_name text,
  job_title text,
  phone text,
  locale text,
  time_zone text,
  birthday date,
  created_at timestamptz not null,
  trial_ends_at timestamptz,
  marketing_consent boolean,
  interests text[],
  preferences jsonb,
  "crmContactId" bigint,
  "Lifetime Value" numeric,
  health_score double precision,
  notes text
);

create table app.events (
  id bigint primary key,
  person_id integer not null,
  name text not null,
  occurred_at timestamptz not null
);
`;
