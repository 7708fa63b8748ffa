import type pg from 'pg';
import { CREATE_CHANCE } from './sample-chance.ts';

export interface Changes {
  /** Whose row in the model is another one now, the added person included. */
  people: number;
  organisations: number;
  events: number;
  /** By user_id. */
  renamed: string;
  added: string;
  deleted: string;
}

/**
 * Ten minutes later: one percent of the people did something; one of their organisations changed its plan, one person
 * took another name, one came and one was deleted. It falls the same way in every sample, and each further call changes
 * other people.
 *
 * The changes come by whole organisations, since a row of the model also says what a person's organisation does: what
 * one colleague does changes the rows of all.
 */
export async function changeOnePercent(client: pg.ClientBase): Promise<Changes> {
  await client.query('begin');
  try {
    await client.query(CREATE_CHANCE);
    await client.query(CHOOSE_ORGANISATIONS);
    await client.query(ADD_EVENTS);
    await client.query(CHANGE_A_PLAN);
    const renamed = await userOf(client, RENAME_ONE);
    const added = await userOf(client, ADD_ONE);
    const deleted = await userOf(client, DELETE_ONE);
    const { rows } = await client.query<Pick<Changes, 'people' | 'organisations' | 'events'>>(COUNT_CHANGES);
    await client.query('commit');
    return { ...(rows[0] ?? { people: 0, organisations: 0, events: 0 }), renamed, added, deleted };
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function userOf(client: pg.ClientBase, change: string): Promise<string> {
  const { rows } = await client.query<{ user_id: string }>(change);
  return rows[0]?.user_id ?? '';
}

/** Teams of twenty, until they make one percent of the people. The number of events turns the dice for the next call. */
const CHOOSE_ORGANISATIONS = `
  create temporary table chosen on commit drop as
  with now as (
    select count(*) as events, max(occurred_at) as at from app.events
  ),
  team as (
    select organisation_id, count(*) as people
    from app.people where organisation_id is not null
    group by organisation_id having count(*) = 20
  ),
  shuffled as (
    select organisation_id, pg_temp.chance(organisation_id, events, 1000000000) as place, people, events, at
    from team cross join now
  ),
  filled as (
    select *, sum(people) over (order by place, organisation_id) as people_so_far from shuffled
  )
  select organisation_id, place, events as events_before, at as since
  from filled where people_so_far <= (select count(*) from app.people) / 100`;

const ADD_EVENTS = `
  insert into app.events (id, person_id, name, occurred_at)
  select
    last_id + event,
    person_id,
    (array['login', 'report viewed', 'comment added'])[event],
    since + (1 + pg_temp.chance(last_id + event, 60, 600000000)) * interval '1 microsecond'
  from (
    select
      people.id as person_id,
      since,
      1 + pg_temp.chance(people.id, 61, 3) as events,
      (select coalesce(max(id), people.id * 1000::bigint) from app.events
        where id between people.id * 1000::bigint and people.id * 1000::bigint + 999) as last_id
    from app.people join chosen using (organisation_id)
  ) as person, generate_series(1, events) as event`;

const CHANGE_A_PLAN = `
  with organisation as (
    select organisation_id, since from chosen order by place limit 1
  ),
  ended as (
    update app.subscriptions set ended_at = since
    from organisation
    where subscriptions.organisation_id = organisation.organisation_id and ended_at is null
    returning plan_code
  )
  insert into app.subscriptions (id, organisation_id, plan_code, seats, started_at)
  select
    (select max(id) + 1 from app.subscriptions),
    organisation_id,
    case when exists (select from ended where plan_code = 'business') then 'enterprise' else 'business' end,
    50,
    since
  from organisation`;

const RENAME_ONE = `
  update app.people set last_name = last_name || '-Lovelace'
  where id = (
    select min(id) from app.people
    where organisation_id = (select organisation_id from chosen order by place limit 1)
  )
  returning user_id`;

const DELETE_ONE = `
  with deleted as (
    delete from app.people
    where id = (
      select id from app.people
      where organisation_id = (select organisation_id from chosen order by place desc limit 1)
      order by id desc offset 1 limit 1
    )
    returning id, user_id
  ),
  forgotten as (
    delete from app.events using deleted where person_id = deleted.id
  )
  select user_id from deleted`;

const ADD_ONE = `
  insert into app.people (id, user_id, organisation_id, email, first_name, last_name, created_at)
  select last_id + 1, 'usr_' || lpad((last_id + 1)::text, 6, '0'), organisations.id, 'grace.hopper@' || domain,
    'Grace', 'Hopper', since
  from (select max(id) as last_id from app.people) as people,
    (select organisation_id, since from chosen order by place desc limit 1) as organisation
    join app.organisations on organisations.id = organisation_id
  returning user_id`;

const COUNT_CHANGES = `
  select
    (select count(*) from app.people join chosen using (organisation_id))::integer as people,
    (select count(*) from chosen)::integer as organisations,
    (select count(*) from app.events join app.people on people.id = person_id join chosen using (organisation_id)
      where occurred_at > since)::integer as events`;
