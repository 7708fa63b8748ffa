import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { applyAlone } from './apply-alone.ts';

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

it('changes of the definitions come one after the other, more of them than there are connections', async () => {
  const ledgers = [bench.ledger, bench.anotherLedger()];
  let going = 0;
  const most: number[] = [];
  await Promise.all(
    Array.from({ length: 30 }, (_, turn) =>
      applyAlone(ledgers[turn % 2]?.db ?? bench.ledger.db, async (db) => {
        most.push(++going);
        await sql`select 1`.execute(db);
        await setImmediate();
        going--;
      }),
    ),
  );
  expect(most).toEqual(Array.from({ length: 30 }, () => 1));
});

it('one that fails lets the next one in', async () => {
  const failing = applyAlone(bench.ledger.db, () => Promise.reject(new Error('given up')));
  await expect(failing).rejects.toThrow('given up');
  expect(await applyAlone(bench.anotherLedger().db, () => Promise.resolve('in'))).toBe('in');
});

it('one whose connection breaks between two statements ends with that, and lets the next one in', async () => {
  const other = bench.anotherLedger();
  const broken = applyAlone(bench.ledger.db, async (db) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(other.db);
    // It is told while nothing asks.
    await setImmediate();
  });
  await expect(broken).rejects.toMatchObject({ code: 'ledger_unreachable' });
  expect(await applyAlone(other.db, () => Promise.resolve('in'))).toBe('in');
});
