import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { awkwardPeople } from './awkward-people.ts';
import { CREATE_CHANCE } from './sample-chance.ts';
import {
  insertEvents,
  insertOrganisations,
  insertPeople,
  insertPlans,
  insertSubscriptions,
} from './sample-rows.ts';
import { SAMPLE_SCHEMA } from './sample-schema.ts';

export const SAMPLE_PEOPLE = 40_000;
const PEOPLE_PER_ORGANISATION = 20;
/** The large organisation, which the change step leaves alone. */
const AWKWARD_ORGANISATION = 1;
/** In another time zone, and to the microsecond. */
const AWKWARD_SINCE = '2025-10-05 08:15:30.123456+13:45';

export interface SampleDatabase {
  /** For the connection of the warehouse: a role that may read the schema `app` and nothing else. */
  readerUrl: string;
  counts: { organisations: number; people: number; events: number };
}

/**
 * Fills a database with the sample product, in the schema `app`, over what an earlier load left there. Every load
 * gives the same rows.
 *
 * @param url of a role that may create schemas and roles
 */
export async function loadSampleDatabase(
  url: string,
  { people = SAMPLE_PEOPLE } = {},
): Promise<SampleDatabase> {
  const client = new pg.Client({ connectionString: url, application_name: 'backhaul demo' });
  await client.connect();
  try {
    await client.query('begin');
    await client.query("set local time zone 'UTC'");
    await client.query('drop schema if exists app cascade');
    await client.query(SAMPLE_SCHEMA);
    await client.query(CREATE_CHANCE);
    const organisations = Math.ceil(people / PEOPLE_PER_ORGANISATION);
    await insertPlans(client);
    await insertOrganisations(client, organisations);
    await insertAwkwardPeople(client);
    await insertPeople(client, awkwardPeople.length + 1, people, organisations);
    await insertSubscriptions(client);
    await insertEvents(client);
    const readerUrl = await createReader(client, url);
    const { rows } = await client.query<SampleDatabase['counts']>(`
      select
        (select count(*) from app.organisations)::integer as organisations,
        (select count(*) from app.people)::integer as people,
        (select count(*) from app.events)::integer as events`);
    await client.query('commit');
    await client.query('analyze app.plans, app.organisations, app.subscriptions, app.people, app.events');
    return { readerUrl, counts: rows[0] ?? { organisations: 0, people: 0, events: 0 } };
  } finally {
    await client.end();
  }
}

async function insertAwkwardPeople(client: pg.ClientBase): Promise<void> {
  for (const [index, person] of awkwardPeople.entries()) {
    const id = index + 1;
    const row = {
      id,
      organisation_id: AWKWARD_ORGANISATION,
      user_id: `usr_${String(id).padStart(6, '0')}`,
      created_at: AWKWARD_SINCE,
      ...person,
    };
    const columns = Object.keys(row).map((name) => client.escapeIdentifier(name));
    await client.query(
      `insert into app.people (${columns.join(', ')}) values (${columns.map((_, place) => `$${place + 1}`).join(', ')})`,
      Object.values(row),
    );
  }
}

/** The grants that a warehouse connection needs, and no more. */
async function createReader(client: pg.ClientBase, url: string): Promise<string> {
  const reader = new URL(url);
  const database = decodeURIComponent(reader.pathname.slice(1));
  // Roles belong to the whole server: another database on it may have a sample of its own.
  const role = `${database}_reader`;
  const name = client.escapeIdentifier(role);
  const password = randomBytes(18).toString('base64url');
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  if (rowCount === 0) await client.query(`create role ${name}`);
  await client.query(`
    alter role ${name} login password ${client.escapeLiteral(password)};
    grant connect on database ${client.escapeIdentifier(database)} to ${name};
    grant usage on schema app to ${name};
    grant select on all tables in schema app to ${name};
    alter role ${name} set default_transaction_read_only = on;`);
  reader.username = encodeURIComponent(role);
  reader.password = password;
  return reader.href;
}
