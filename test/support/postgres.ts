import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { required } from './required.ts';

export interface TestDatabase {
  /** As the superuser of the server. */
  url: string;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** An empty database of its own on the PostgreSQL of the test run. */
export async function freshDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = required('TEST_POSTGRES_URL');
  await once(server, `create database ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    url,
    query: (sql, values) => once(url, sql, values),
    drop: async () => {
      await once(server, `drop database ${name} with (force)`);
    },
  };
}

async function once(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, values);
    return rows;
  } finally {
    await client.end();
  }
}
