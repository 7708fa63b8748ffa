import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import type { LedgerDatabase } from './connect.ts';
import { followersDue } from './followers.ts';
import { lastCompletion, runsToJudge, usualRows } from './watched-runs.ts';

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
  await bench.defineSync('hourly');
  await sql`
    insert into definitions (kind, name, version, document, digest)
    values ('sync', 'behind', 1, '{"after": ["hourly"]}', 'd')`.execute(bench.ledger.db);
  await haveRuns(20_000);
});
afterAll(() => bench.close());

/** One an hour until now; every tenth failed, and one in a hundred adopted a part of the rows. */
async function haveRuns(count: number): Promise<void> {
  const { db } = bench.ledger;
  await sql`
    insert into runs (id, sync, number, status, open, settled, workflow_id, arguments, mode, rows, started_at, finished_at)
    select 'run-' || n, 'hourly', n, case when n % 10 = 0 then 'failed' else 'completed' end, false, true, 'sync/hourly', '{}',
      case when n % 100 = 99 then 'adopt' else 'incremental' end, jsonb_build_object('read', case when n % 100 = 99 then 1 else 50 end),
      now() - make_interval(hours => ${count}::int - n), now() - make_interval(hours => ${count}::int - n)
    from generate_series(1, ${count}::int) n`.execute(db);
  await sql`analyze runs`.execute(db);
}

/** What a question answers, and how many runs were read for it. */
const asked = <T>(ask: (db: LedgerDatabase) => Promise<T>): Promise<{ answer: T; read: number }> =>
  bench.ledger.db.transaction().execute(async (transaction) => {
    const before = await runsRead(transaction);
    const answer = await ask(transaction);
    return { answer, read: (await runsRead(transaction)) - before };
  });

/** By this session, as far as it has not been reported yet. */
async function runsRead(db: LedgerDatabase): Promise<number> {
  const { rows } = await sql<{ read: string }>`
    select seq_tup_read + coalesce(idx_tup_fetch, 0) as read
    from pg_stat_xact_user_tables where relname = 'runs'`.execute(db);
  return Number(rows[0]?.read ?? 0);
}

describe('of a sync that has had many runs', () => {
  it('only those of the last week are read to find what is to be judged', async () => {
    const { answer, read } = await asked((db) => runsToJudge(db, 'hourly', new Date(0)));
    expect(answer).toHaveLength(100);
    expect(read).toBeLessThan(3 * 7 * 24);
    const since = new Date(Date.now() - 150 * 60_000);
    expect((await asked((db) => runsToJudge(db, 'hourly', since))).answer).toEqual([
      'run-19998',
      'run-19999',
      'run-20000',
    ]);
  });

  it('the last are read to find what completed, what is usual, and what is to follow', async () => {
    const completion = await asked((db) => lastCompletion(db, 'hourly'));
    expect(Date.now() - (completion.answer?.getTime() ?? 0)).toBeGreaterThan(3_500_000);
    const usual = await asked((db) => usualRows(db, { sync: 'hourly', number: 20_001 }, 10));
    expect(usual.answer).toEqual(Array(10).fill(50));
    const followers = await asked((db) => followersDue(db, 'hourly'));
    expect(followers.answer).toEqual(['behind']);
    for (const { read } of [completion, usual, followers]) expect(read).toBeLessThan(50);
  });
});
