import type { TestDatabase } from './postgres.ts';

/** What the dbt project of docs/recipes/dbt.md builds from. */
export async function fillForDbt(warehouse: TestDatabase): Promise<void> {
  await warehouse.query('create schema app');
  await warehouse.query('create table app.users (id integer, email text, plan text)');
  await warehouse.query('create table app.logins (user_id integer, at timestamptz)');
  await warehouse.query(
    "insert into app.users values (1, 'ada@example.com', 'pro'), (2, 'alan@example.com', 'free'), (3, 'grace@example.com', 'free')",
  );
  await warehouse.query(
    "insert into app.logins values (1, now()), (1, now()), (2, now() - interval '1 year')",
  );
}

/** What its profile asks for. */
export function dbtEnvironment({ url }: TestDatabase, home: string): NodeJS.ProcessEnv {
  const { hostname, password, pathname, port, username } = new URL(url);
  return {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    DBT_PROFILES_DIR: home,
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
  };
}
