import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql, type Kysely } from 'kysely';
import { freshDatabase } from '../test/support/postgres.ts';
import { openLedger } from './connect.ts';
import { checkMigrated, compareSchema, migrateLedger } from './migrate.ts';
import { up as moveIn } from './migrations/0006-moving.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const all = [
  '0001-initial',
  '0002-reading',
  '0003-connect',
  '0004-approval',
  '0005-selections',
  '0006-moving',
  '0007-removals',
  '0008-schedules',
  '0009-api',
  '0010-writebacks',
  '0011-census-ids',
  '0012-alerts',
  '0013-notification-turns',
  '0015-named-selections',
];

describe('the schema of the ledger', () => {
  it('is made once, and a second migration finds nothing to do', async () => {
    const options = { databaseUrl: database.url, schema: 'twice' };
    expect(await migrateLedger(options)).toEqual(all);
    expect(await migrateLedger(options)).toEqual([]);
  });

  it('is made once when it is migrated from many places at once', async () => {
    const options = { databaseUrl: database.url, schema: 'at_once' };
    const applied = await Promise.all(Array.from({ length: 6 }, () => migrateLedger(options)));
    expect(applied.flat()).toEqual(all);
    const ledger = openLedger(options);
    try {
      await checkMigrated(ledger);
    } finally {
      await ledger.close();
    }
  });

  it('that is missing, or newer than this version, is said to be so', async () => {
    const options = { databaseUrl: database.url, schema: 'checked' };
    const ledger = openLedger(options);
    try {
      await expect(checkMigrated(ledger)).rejects.toMatchObject({ code: 'ledger_not_migrated' });
      await migrateLedger(options);
      await checkMigrated(ledger);
      await sql`insert into kysely_migration (name, timestamp) values ('9998-from-tomorrow', '')`.execute(
        ledger.db,
      );
      await checkMigrated(ledger);
      expect(await compareSchema(ledger)).toEqual({ missing: [], newer: ['9998-from-tomorrow'], tooNew: [] });
      await sql`insert into kysely_migration (name, timestamp) values ('9999-breaking-all', '')`.execute(
        ledger.db,
      );
      await expect(checkMigrated(ledger)).rejects.toMatchObject({ code: 'ledger_too_new' });
      await expect(migrateLedger(options)).rejects.toMatchObject({ code: 'ledger_too_new' });
    } finally {
      await ledger.close();
    }
  });

  it('of an earlier version learns by which columns its states were delivered', async () => {
    const options = { databaseUrl: database.url, schema: 'earlier' };
    await migrateLedger(options);
    const ledger = openLedger(options);
    const { db } = ledger;
    try {
      await sql`drop table adoption_conditions`.execute(db);
      await sql`alter table states drop column mappings`.execute(db);
      const state = (sync: string, digest: string | null) =>
        sql`insert into states (sync, generation, identity, encoding, entries, live_entries, mapping_digest, updated_at)
            values (${sync}, 1, '{}', 1, 0, 0, ${digest}, now())`.execute(db);
      const run = (sync: string, number: number, digest: string, columns: string[]) => {
        const snapshot = {
          mappingDigest: digest,
          columns: columns.map((name) => ({ name, kind: 'text', sourceType: 'text' })),
        };
        return sql`insert into runs (id, sync, number, status, open, settled, workflow_id, arguments, snapshot, started_at)
                   values (${`${sync} ${number}`}, ${sync}, ${number}, 'completed', false, true, 'w', '{}', ${JSON.stringify(snapshot)}, now())`.execute(
          db,
        );
      };
      await state('delivered', 'new');
      await run('delivered', 1, 'old', ['id']);
      await run('delivered', 2, 'new', ['id', 'plan']);
      await run('delivered', 3, 'newer', ['id', 'city']);
      await state('begun', null);
      await run('begun', 1, 'new', ['id']);
      await state('forgotten', 'new');
      await moveIn(db as Kysely<unknown>);
      const { rows } = await sql<{ sync: string; mappings: unknown }>`
        select sync, mappings from states order by sync`.execute(db);
      const column = (name: string) => ({ name, kind: 'text', sourceType: 'text' });
      expect(rows).toEqual([
        { sync: 'begun', mappings: [] },
        {
          sync: 'delivered',
          mappings: [{ digest: 'new', columns: [column('id'), column('plan')], known: ['id', 'plan'] }],
        },
        { sync: 'forgotten', mappings: [] },
      ]);
    } finally {
      await ledger.close();
    }
  });

  it('lies in its own schema, beside others', async () => {
    await migrateLedger({ databaseUrl: database.url, schema: 'beside' });
    const ledger = openLedger({ databaseUrl: database.url, schema: 'beside' });
    try {
      const { rows } = await sql<{ name: string }>`
        select table_name as name from information_schema.tables where table_schema = 'beside'`.execute(
        ledger.db,
      );
      expect(rows.map((row) => row.name)).toEqual(
        expect.arrayContaining(['runs', 'posts', 'kysely_migration']),
      );
      const inPublic =
        await sql`select 1 from information_schema.tables where table_schema = 'public'`.execute(ledger.db);
      expect(inPublic.rows).toEqual([]);
    } finally {
      await ledger.close();
    }
  });

  it('of a server that does not answer, or refuses the credentials, says no password', async () => {
    const url = new URL(database.url);
    url.port = '1';
    url.password = 'planted-secret';
    await expect(migrateLedger({ databaseUrl: url.href })).rejects.toMatchObject({
      code: 'ledger_unreachable',
      message: expect.not.stringContaining('planted-secret'),
    });
  });
});
