import type pg from 'pg';
import { SAMPLE_NOW } from './sample-chance.ts';
import { firstNames, lastNames, organisationKinds, organisationNames, type Name } from './sample-names.ts';

const DAY_US = 86_400_000_000;
const now = `timestamptz '${SAMPLE_NOW}'`;
const ago = (microseconds: string): string => `${now} - ${microseconds} * interval '1 microsecond'`;
const oneOf = (values: readonly string[], salt: number): string =>
  `(array[${values.map((value) => `'${value}'`).join(', ')}])[1 + pg_temp.chance(n, ${salt}, ${values.length})]`;

const written = (names: readonly Name[]): string[] => names.map(([name]) => name);
const ascii = (names: readonly Name[]): string[] => names.map(([, name]) => name);

export async function insertPlans(client: pg.ClientBase): Promise<void> {
  await client.query(`
    insert into app.plans (code, name, price_per_seat) values
      ('free', 'Free', 0.00), ('team', 'Team', 12.00), ('business', 'Business', 24.50), ('enterprise', 'Enterprise', 60.00)`);
}

export async function insertOrganisations(client: pg.ClientBase, count: number): Promise<void> {
  await client.query(
    `
    insert into app.organisations (id, name, domain, industry, country, created_at)
    select
      n,
      ($2::text[])[1 + (n - 1) % cardinality($2::text[])] || ' ' || ($4::text[])[1 + (n - 1) / cardinality($2::text[]) % cardinality($4::text[])],
      ($3::text[])[1 + (n - 1) % cardinality($3)] || '-' || ($5::text[])[1 + (n - 1) / cardinality($3::text[]) % cardinality($5::text[])] || '.example',
      ${oneOf(['education', 'energy', 'finance', 'health', 'logistics', 'media', 'public sector', 'retail', 'software'], 1)},
      ${oneOf(['AR', 'AU', 'BR', 'CA', 'DE', 'EG', 'FI', 'FR', 'GB', 'IL', 'IN', 'JP', 'KR', 'NG', 'PL', 'US'], 2)},
      -- Older than any of their people.
      ${ago(`(1200 * ${DAY_US} + pg_temp.chance(n, 3, 1500 * ${DAY_US}))`)}
    from generate_series(1, $1::integer) as organisation (n)`,
    [
      count,
      written(organisationNames),
      ascii(organisationNames),
      written(organisationKinds),
      ascii(organisationKinds),
    ],
  );
}

/** The people `from` to `to`. Few organisations are large, and many people came lately. */
export async function insertPeople(
  client: pg.ClientBase,
  from: number,
  to: number,
  organisations: number,
): Promise<void> {
  await client.query(
    `
    insert into app.people
    select
      n,
      'usr_' || lpad(n::text, 6, '0'),
      organisation.id,
      ($4::text[])[first] || '.' || ($6::text[])[last] || n || '@' || organisation.domain,
      ($3::text[])[first],
      ($5::text[])[last],
      ${oneOf(['Account manager', 'Analyst', 'Buyer', 'CEO', 'Designer', 'Engineer', 'Head of operations', 'Student'], 13)},
      case when pg_temp.chance(n, 14, 3) = 0 then '+1 202 555 ' || lpad(pg_temp.chance(n, 15, 10000)::text, 4, '0') end,
      ${oneOf(['ar-EG', 'de-DE', 'en-GB', 'en-US', 'es-AR', 'fi-FI', 'fr-FR', 'he-IL', 'hi-IN', 'ja-JP', 'ko-KR', 'pl-PL', 'pt-BR'], 16)},
      ${oneOf(['America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Tokyo', 'Australia/Lord_Howe', 'Europe/Berlin', 'UTC'], 17)},
      case when pg_temp.chance(n, 18, 4) = 0 then date '1950-01-01' + pg_temp.chance(n, 19, 20000)::integer end,
      person.created_at,
      case when person.created_at > ${now} - interval '30 days' then person.created_at + interval '30 days' end,
      (array[true, false, null])[1 + pg_temp.chance(n, 20, 3)],
      (array['api', 'dashboards', 'exports', 'mobile', 'security', 'sharing'])[1 + pg_temp.chance(n, 21, 4) : pg_temp.chance(n, 22, 7)],
      jsonb_build_object('theme', ${oneOf(['dark', 'light', 'system'], 23)}, 'digest', pg_temp.chance(n, 24, 2) = 1,
        'seats', jsonb_build_array(pg_temp.chance(n, 25, 40), pg_temp.chance(n, 26, 40))),
      -- The CRM numbers its contacts beyond 2^53, where a JSON number would become another one.
      case when pg_temp.chance(n, 27, 10) < 7 then 300000000000000000 + pg_temp.chance(n, 28, 9007199254740991) end,
      round(pg_temp.chance(n, 29, 2500000) / 100.0, 2),
      pg_temp.chance(n, 30, 1000) / 10.0,
      null
    from (
      select
        n,
        1 + pg_temp.chance(n, 10, cardinality($3::text[]))::integer as first,
        1 + pg_temp.chance(n, 11, cardinality($5::text[]))::integer as last,
        1 + pg_temp.skewed_chance(n, 12, $7::bigint)::integer as organisation_id,
        ${ago(`(pg_temp.skewed_chance(n, 9, 1100) * ${DAY_US} + pg_temp.chance(n, 8, ${DAY_US}))`)} as created_at
      from generate_series($1::integer, $2::integer) as person (n)
    ) as person
    join app.organisations as organisation on organisation.id = person.organisation_id`,
    [from, to, written(firstNames), ascii(firstNames), written(lastNames), ascii(lastNames), organisations],
  );
}

/** Up to three plans one after the other; some organisations buy too few seats, and some have left. */
export async function insertSubscriptions(client: pg.ClientBase): Promise<void> {
  await client.query(`
    with organisation as (
      select o.id as n, o.created_at, count(p.id) as people, 1 + pg_temp.chance(o.id, 40, 3) as plans,
        pg_temp.chance(o.id, 41, 100) < 6 as has_left
      from app.organisations o left join app.people p on p.organisation_id = o.id
      group by o.id
    ),
    step as (
      select n, people, plans, has_left, step,
        created_at + (${now} - created_at) * (step - 1) / plans as started_at,
        created_at + (${now} - created_at) * step / plans - interval '20 days' * has_left::integer as ended_at
      from organisation, generate_series(1, plans) as step
    )
    insert into app.subscriptions (id, organisation_id, plan_code, seats, started_at, ended_at)
    select
      n * 10 + step,
      n,
      (array['free', 'team', 'business', 'enterprise'])[least(4, step + pg_temp.chance(n, 42, 3))],
      greatest(1, (people * (70 + pg_temp.chance(n * 10 + step, 43, 80)) * step / plans / 100)::integer),
      started_at,
      case when step < plans or has_left then ended_at end
    from step`);
}

/** What people did: six habits, from every day to never. */
export async function insertEvents(client: pg.ClientBase): Promise<void> {
  await client.query(`
    with habit (from_percent, to_percent, fewest, most, from_days, to_days) as (
      values
        (0, 8, 50, 90, 0, 60),      -- power users
        (8, 40, 12, 36, 0, 60),     -- regular
        (40, 68, 2, 10, 0, 90),     -- now and then
        (68, 80, 10, 30, 20, 90),   -- fading
        (80, 92, 1, 5, 60, 180)     -- gone; the rest never came
    ),
    person as (
      select id, fewest + pg_temp.chance(id, 51, most - fewest) as events, from_days * ${DAY_US} as from_us, to_days * ${DAY_US} as to_us,
        (extract(epoch from ${now} - created_at) * 1000000)::bigint as age_us
      from (select id, created_at, pg_temp.chance(id, 50, 100) as percent from app.people) as dice
      join habit on percent >= from_percent and percent < to_percent
    )
    insert into app.events (id, person_id, name, occurred_at)
    select
      n,
      person_id,
      ${oneOf(['login', 'login', 'login', 'report viewed', 'report viewed', 'comment added', 'file uploaded', 'export run', 'invite sent'], 52)},
      -- Nobody did anything before they came.
      ${ago('case when ago_us < age_us then ago_us else ago_us % age_us end')}
    from (
      select id * 1000::bigint + event as n, id as person_id, age_us,
        from_us + pg_temp.chance(id * 1000::bigint + event, 53, to_us - from_us) as ago_us
      from person, generate_series(1, events) as event
    ) as event`);
}
