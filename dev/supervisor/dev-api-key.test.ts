import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listApiKeys, revokeApiKey, useApiKey } from '../../ledger/api-keys.ts';
import { openLedger, type Ledger } from '../../ledger/connect.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { keepDevApiKey } from './dev-api-key.ts';
import { devFolders } from './dev-folders.ts';

let home: string;
let database: TestDatabase;
let ledger: Ledger;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'backhaul-key-'));
  database = await freshDatabase();
  await migrateLedger({ databaseUrl: database.url });
  ledger = openLedger({ databaseUrl: database.url });
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
  await rm(home, { recursive: true });
});

const kept = async (): Promise<string> =>
  (await readFile(await keepDevApiKey({ databaseUrl: database.url }, devFolders(home)), 'utf8')).trim();

test('a home makes one key that may do everything, and keeps it', async () => {
  const text = await kept();
  expect(await kept()).toBe(text);
  expect(await useApiKey(ledger.db, text)).toMatchObject({ role: 'admin', expiresAt: null });
  expect(await listApiKeys(ledger.db)).toHaveLength(1);
  expect((await stat(join(home, 'api-key'))).mode & 0o777).toBe(0o600);
});

test('one that was revoked is replaced', async () => {
  const text = await kept();
  const { id = '' } = (await useApiKey(ledger.db, text)) ?? {};
  await revokeApiKey(ledger.db, id);
  const next = await kept();
  expect(next).not.toBe(text);
  expect(await useApiKey(ledger.db, next)).toMatchObject({ role: 'admin' });
});
