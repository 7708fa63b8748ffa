import pg from 'pg';

/** Ten columns, some 110 bytes a row: what a usage model returns. */
export const MODEL = `select id as user_id, email, first_name, last_name, plan, organisation, logins_30d, score, active, created_at
from bench.users`;

export async function loadUsers(databaseUrl: string, rows: number): Promise<void> {
  await query(
    databaseUrl,
    `create schema if not exists bench;
     drop table if exists bench.users;
     create table bench.users as
       select 'user-' || g as id,
              'person.' || g || '@example.com' as email,
              'First' || g % 1000 as first_name,
              'Last ' || g % 7919 as last_name,
              (array['free', 'pro', 'team', 'enterprise'])[g % 4 + 1] as plan,
              'Organisation ' || g % 2000 as organisation,
              g % 60 as logins_30d,
              (g::bigint * 7919 % 100000)::numeric / 100 as score,
              g % 3 = 0 as active,
              timestamptz '2026-01-01' + g * interval '1 second' as created_at
       from generate_series(1, ${rows}) g;
     vacuum analyze bench.users`,
  );
}

async function query(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (const statement of sql.split(';')) await client.query(statement);
  } finally {
    await client.end();
  }
}
