import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { readDraft, removeDraft, removeForgottenDrafts, writeDraft } from './connection-drafts.ts';
import { rotateSecrets } from './secrets.ts';

const [key, lost] = [randomBytes(32), randomBytes(32)];
let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

const write = (by: Buffer): Promise<string> =>
  writeDraft(bench.ledger.db, [by], { type: 'segment' }, { token: 'planted' });
const owners = async (): Promise<string[]> => {
  const rows = await bench.ledger.db.selectFrom('secrets').select('owner').execute();
  return rows.map(({ owner }) => owner);
};

it('a draft goes with its secrets', async () => {
  const [one, other] = [await write(key), await write(key)];
  await removeDraft(bench.ledger.db, one);
  expect(await owners()).toEqual([`draft/${other}`]);
  await removeDraft(bench.ledger.db, other);
});

it('what commands that were killed left behind is removed, and does not keep a key from being changed', async () => {
  const { db } = bench.ledger;
  const [old, orphan, fresh] = [await write(lost), await write(lost), await write(key)];
  await sql`update connection_drafts set created_at = now() - interval '2 hours' where id = ${old}`.execute(
    db,
  );
  await sql`delete from connection_drafts where id = ${orphan}`.execute(db);
  await expect(rotateSecrets(db, [randomBytes(32), key])).rejects.toMatchObject({
    code: 'secret_unreadable',
  });
  await removeForgottenDrafts(db);
  expect(await owners()).toEqual([`draft/${fresh}`]);
  expect(await readDraft(db, fresh)).toEqual({ type: 'segment' });
  await expect(readDraft(db, old)).rejects.toMatchObject({ code: 'connection_not_found' });
  expect(await rotateSecrets(db, [randomBytes(32), key])).toEqual({ rotated: 1, secrets: 1 });
});
