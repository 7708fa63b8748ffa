import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { nobodyStops, readPieces } from '../../test/support/read-pieces.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { openPostgres } from './open-postgres.ts';

const page = readFileSync(new URL('../../docs/sources/postgres.md', import.meta.url), 'utf8');
const section = (title: string): string =>
  page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';

let database: TestDatabase;
const opened: Source[] = [];

function open(change: (url: URL) => void = () => undefined): Source {
  const url = new URL(database.url);
  change(url);
  const connection = resolveConnection('warehouse', {
    type: 'postgres',
    url: url.href,
    statementTimeout: '1h',
  });
  const source = openPostgres('warehouse', connection, nobodyStops());
  opened.push(source);
  return source;
}

async function spooled(source: Source, sql: string, columns: readonly string[]): Promise<string> {
  const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
  const { pieces } = await source.read({ name: 'm', sql }, columns, options);
  return readPieces(pieces);
}

beforeAll(async () => {
  database = await freshDatabase();
  await database.query(`
    create schema app;
    create table app.users (id int primary key, email text);
    insert into app.users values (1, 'a@b.c')`);
});
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await database.drop();
});

describe('the grants of the page about PostgreSQL', () => {
  const role = `reader_${randomBytes(6).toString('hex')}`;
  const grants = /```sql\n([^]*?)```/.exec(section('What to grant'))?.[1] ?? '';
  const asReader = (): Source => open((url) => Object.assign(url, { username: role, password: 'change-me' }));

  beforeAll(async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.query(
      grants.replaceAll('backhaul_reader', role).replace('database analytics', `database ${name}`),
    );
    await database.query('create table app.later (id int)');
  });
  afterAll(async () => {
    await Promise.all(opened.map((source) => source.close()));
    await database.query(`drop owned by ${role}; drop role ${role}`);
  });

  it('are enough to read, also what is created later, and are warned of nothing', async () => {
    const sql = 'select id, email from app.users';
    expect(await asReader().validate({ name: 'm', sql })).toEqual({ warnings: [] });
    expect(await spooled(asReader(), sql, ['id', 'email'])).toBe('1\ta@b.c\n');
    expect(await spooled(asReader(), 'select count(*) from app.later', ['count'])).toBe('0\n');
  });

  it('may be for single columns', async () => {
    const [, grant = ''] =
      /`(grant select \(.*?)`/.exec(section('What to grant').replaceAll('\n', ' ')) ?? [];
    expect(grant).toMatch(/^grant select \(id, email, plan\) on app\.users to backhaul_reader$/);
    await database.query(`revoke select on app.users from ${role}; alter table app.users add plan text`);
    await database.query(grant.replace('backhaul_reader', role));
    expect(await spooled(asReader(), 'select id, plan from app.users', ['id', 'plan'])).toBe('1\t\\N\n');
    await database.query('alter table app.users add secret text');
    const all = asReader().validate({ name: 'm', sql: 'select * from app.users' });
    await expect(all).rejects.toMatchObject({ code: 'source_permission' });
  });
});
