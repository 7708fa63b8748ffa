import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { onceOf, ways } from '../support/ways.ts';
import type { Run, Writeback } from '../../client/index.ts';

describe.each(ways)('%s', (through) => {
  const once = onceOf(through);
  let here: TestInstallation;
  let results: TestDatabase;
  let duckdb: DuckDBConnection;
  let worker: WorkerProcess;
  beforeAll(async () => {
    results = await freshDatabase();
    here = await openInstallation({ through, env: { RESULTS_URL: results.url } });
    await here.define({
      connections: { results: { type: 'postgres', url: '${RESULTS_URL}', writable: true } },
    });
    worker = await here.startWorker();
    duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(async () => {
    duckdb?.closeSync();
    await here.close();
    await results.drop();
  });
  beforeEach(() => here.receiver.respond(null));

  const SYNC = { limits: { rejected: '100%' }, lanes: 2 };

  async function startWithWriteback(name: string, writeback: object) {
    await here.sync(name, `select * from ${name}`, { ...SYNC, writeback });
    return here.backhaul.syncs.run(name);
  }
  const runWithWriteback = async (name: string, writeback: object): Promise<Run> =>
    (await startWithWriteback(name, writeback)).result();

  const POSTGRES = { connection: 'results', schema: 'backhaul_results' };

  /** What DuckDB finds among the blobs, by the names of folders too. */
  async function written(
    table: 'runs' | 'rows',
    sql: string,
    sync: string,
  ): Promise<Record<string, unknown>[]> {
    const blobs = fileURLToPath(here.env.BACKHAUL_BLOBS ?? '');
    const files = join(blobs, `writeback/v1/${table}/sync=${sync}/*/*.parquet`);
    const found = await duckdb.runAndReadAll(
      sql.replace('WRITTEN', `read_parquet('${files}', hive_partitioning = true)`),
    );
    return found.getRowObjectsJson();
  }

  /** @param places that it is written to, one after the other */
  const done = (run: string, places = 1): Promise<Writeback[]> =>
    until(async () => {
      const { writeback } = await here.backhaul.runs.get(run);
      return (
        writeback.length === places && writeback.every(({ status }) => status !== 'writing') && writeback
      );
    }, 90_000);

  describe('a run whose sync asks for it', () => {
    it('is written back with what became of each row, as Parquet and into tables', async () => {
      await here.warehouse.query(`
      create table mixed as
        select 'u' || g as user_id, 'A "quoted"' || chr(10) || 'line, é' as plan, g::float8 as score
        from generate_series(1, 40) g
        union all select null, 'none', 1 from generate_series(1, 3)
        union all select '', 'empty', 1
        union all select 'twice', 'x', 1 from generate_series(1, 2)
        union all select 'tab' || chr(9) || '"', 'x', 1
        union all select 'nan', 'x', 'NaN'`);
      here.receiver.respond(({ body }) => (/"userId":"u(7|30)"/.test(body) ? { status: 400 } : 'accept'));
      const run = await runWithWriteback('mixed', { payload: true, postgres: POSTGRES });
      expect(run).toMatchObject({
        status: 'completed',
        rows: { read: 48, invalid: 7 },
        messages: { accepted: 39, rejected: 2 },
      });
      expect(await done(run.id, 2)).toMatchObject([
        { target: 'blobs', status: 'written', rows: 45, files: 2, version: 1, error: null },
        { target: 'postgres', status: 'written', rows: 45, files: 0, error: null },
      ]);
      const outcomes = `select outcome, operation, reason, column_name, http_status, count(*)::int as rows, sum(model_rows)::int as model_rows
      from WRITTEN where run_id = '${run.id}' group by all order by all`;
      const expected = [
        ['accepted', 'added', null, null, 200, 39, 39],
        ['invalid', 'added', 'not_finite', 'score', null, 1, 1],
        ['invalid', null, 'duplicate_key', null, null, 1, null],
        ['invalid', null, 'empty_key', null, null, 1, 1],
        ['invalid', null, 'null_key', null, null, 1, 3],
        ['rejected', 'added', 'http_400', null, 400, 2, 2],
      ];
      const asLists = (rows: Record<string, unknown>[]): unknown[] => rows.map((row) => Object.values(row));
      expect(asLists(await written('rows', outcomes, 'mixed'))).toEqual(expected);
      const inTables = outcomes
        .replace('WRITTEN', `${POSTGRES.schema}.rows`)
        .replaceAll('group by all order by all', 'group by 1, 2, 3, 4, 5 order by 1, 2, 3');
      expect(asLists(await results.query(inTables))).toEqual(expected);

      // Each row as it was sent.
      const sent = new Map(here.receiver.users());
      const [row] = await written(
        'rows',
        `select *, attempted_at <= answered_at as in_order from WRITTEN where row_key = 'tab' || chr(9) || '"'`,
        'mixed',
      );
      expect(row).toMatchObject({
        run_id: run.id,
        outcome: 'accepted',
        attempts: expect.any(Number),
        in_order: true,
        sync: 'mixed',
      });
      const payload = JSON.parse(String(row?.payload)) as { messageId: string; traits: unknown };
      expect(payload.messageId).toBe(row?.message_id);
      expect(payload.traits).toEqual(sent.get('tab\t"')?.traits);
      const messages = `select row_key, message_id, payload, attempts from WRITTEN where payload is not null order by row_key collate "C"`;
      const fromTables = await results.query(
        messages
          .replace('WRITTEN', `${POSTGRES.schema}.rows`)
          .replace('payload,', 'payload::text as payload,'),
      );
      expect(fromTables).toEqual(await written('rows', messages.replace('collate "C"', ''), 'mixed'));

      // And the run itself.
      const runs = 'select * from WRITTEN';
      expect(await written('runs', runs, 'mixed')).toMatchObject([
        {
          run_id: run.id,
          run_number: '1',
          status: 'completed',
          with_errors: true,
          mode: 'full',
          model: 'mixed',
          destination: 'segment',
          rows_read: '48',
          rows_invalid: '7',
          messages_rejected: '2',
          rows_written: '45',
          rows_selected: 'all',
          sync: 'mixed',
          run_date: run.startedAt.slice(0, 10),
        },
      ]);
      expect(
        await results.query(`select run_id, status, rows_written, sync from ${POSTGRES.schema}.runs`),
      ).toEqual([{ run_id: run.id, status: 'completed', rows_written: '45', sync: 'mixed' }]);
      const described = await backhaul(['describe', run.id], { env: here.commandEnv });
      expect(described.out).toContain('written back  blobs: 45 rows in 2 files');
      expect(described.out).toContain('written back  postgres: 45 rows');
    });

    it('is written again as its sync says now, and takes the place of what was there', async () => {
      await here.warehouse.query(
        "create table again as select 'a' || g as user_id, 1 as n from generate_series(1, 30) g",
      );
      here.receiver.respond(({ body }) => (body.includes('"userId":"a3"') ? { status: 400 } : 'accept'));
      await here.sync('again', 'select * from again', { limits: { rejected: '100%' } });
      const run = await here.run('again');
      // It did not ask for it yet.
      expect((await here.backhaul.runs.get(run.id)).writeback).toEqual([]);
      const first = await backhaul(['writeback', run.id, '--json'], { env: here.commandEnv });
      expect(first.json()).toMatchObject([{ target: 'blobs', status: 'written', rows: 30 }]);
      const all = await written('rows', 'select row_key, payload from WRITTEN', 'again');
      expect(all).toHaveLength(30);
      expect(all.filter(({ payload }) => payload !== null)).toEqual([]);
      await here.sync('again', 'select * from again', {
        limits: { rejected: '100%' },
        writeback: { rows: 'failed', postgres: POSTGRES },
      });
      for (let time = 1; time <= 2; time++) {
        const { code, out } = await backhaul(['writeback', run.id], { env: here.commandEnv });
        expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('postgres: 1 row') });
        expect(await written('rows', 'select row_key from WRITTEN', 'again')).toEqual([{ row_key: 'a3' }]);
        const kept = `select row_key from ${POSTGRES.schema}.rows where run_id = $1`;
        expect(await results.query(kept, [run.id])).toEqual([{ row_key: 'a3' }]);
      }
    });

    once(
      'is written when it failed or was cancelled, and starts that were skipped meanwhile are too',
      async () => {
        await here.warehouse.query(
          "create table ended as select 'e' || g as user_id, 1 as n from generate_series(1, 5) g",
        );
        await here.sync('ended', 'select * from ended', { writeback: {} });
        here.receiver.respond(() => ({ status: 401 }));
        const failed = await here.run('ended').catch(() => null);
        const [ran] = await here.backhaul.runs.list({ sync: 'ended' });
        expect(failed?.status ?? ran?.status).toBe('failed');
        await done(ran?.id ?? '');
        const held = holdAnswers(here.receiver);
        const handle = await here.backhaul.syncs.run('ended');
        await held.asked;
        const skipped = await here.backhaul.syncs.run('ended', { full: true });
        await handle.cancel();
        held.letGo();
        await handle.result().catch(() => undefined);
        await done(handle.id);
        await done(skipped.id);
        const statuses = await written(
          'runs',
          'select status, error_code, rows_written::int as rows from WRITTEN order by started_at',
          'ended',
        );
        expect(statuses).toEqual([
          { status: 'failed', error_code: ran?.error?.code, rows: 5 },
          { status: 'cancelled', error_code: null, rows: 5 },
          { status: 'skipped', error_code: 'run_in_progress', rows: 0 },
        ]);
        expect(
          await written('rows', `select distinct outcome from WRITTEN where run_id = '${ran?.id}'`, 'ended'),
        ).toEqual([{ outcome: 'unsent' }]);
      },
    );

    once('is whole when the worker that writes it is killed', async () => {
      await here.warehouse.query(
        "create table many as select 'm' || g as user_id, g as n from generate_series(1, 60000) g",
      );
      const handle = await startWithWriteback('many', { postgres: POSTGRES });
      await until(
        async () =>
          (await here.ledger.query('select 1 from backhaul.writebacks where run_id = $1', [handle.id]))
            .length > 0,
        120_000,
      );
      worker.kill('SIGKILL');
      await worker.exited;
      // It was in the midst of it, and nothing says that the run is whole.
      expect(
        await here.ledger.query('select status from backhaul.writebacks where run_id = $1', [handle.id]),
      ).toEqual([{ status: 'writing' }]);
      worker = await here.startWorker();
      const run = await handle.result();
      expect(run).toMatchObject({ status: 'completed', messages: { accepted: 60_000 } });
      expect(await done(run.id, 2)).toMatchObject([
        { target: 'blobs', status: 'written', rows: 60_000 },
        { target: 'postgres', status: 'written', rows: 60_000 },
      ]);
      const whole =
        'select count(*)::int as rows, count(distinct row_key)::int as keys, count(distinct message_id)::int as ids from';
      expect(await written('rows', `${whole} WRITTEN`, 'many')).toEqual([
        { rows: 60_000, keys: 60_000, ids: 60_000 },
      ]);
      expect(await results.query(`${whole} ${POSTGRES.schema}.rows where run_id = $1`, [run.id])).toEqual([
        { rows: 60_000, keys: 60_000, ids: 60_000 },
      ]);
    });
  });

  describe('a write-back that goes wrong', () => {
    it('does not touch the run nor the files, and says what to do', async () => {
      await results.query('create schema taken; create table taken.rows (mine int)');
      await here.warehouse.query(
        "create table wrong as select 'w' || g as user_id, 1 as n from generate_series(1, 3) g",
      );
      const run = await runWithWriteback('wrong', { postgres: { ...POSTGRES, schema: 'taken' } });
      expect(run.status).toBe('completed');
      expect(await done(run.id, 2)).toMatchObject([
        { target: 'blobs', status: 'written', rows: 3 },
        { target: 'postgres', status: 'failed', error: { code: 'writeback_tables_foreign' } },
      ]);
      expect(
        await results.query("select count(*)::int as tables from pg_tables where schemaname = 'taken'"),
      ).toEqual([{ tables: 1 }]);
      const { code, err } = await backhaul(['writeback', run.id], { env: here.commandEnv });
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining('writeback_tables_foreign'),
      });
    });
  });
});
