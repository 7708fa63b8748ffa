import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openBlobs } from '../../blobs/blobs.ts';
import { externalTables, writebackEngines } from '../../client/writeback-ddl.ts';
import { openDuckDb, type DuckDb } from '../../snapshot/duckdb.ts';
import { rowsFile, writebackColumns, type Line } from '../../vocabulary/writeback.ts';
import { openParts } from '../../writeback/write-parts.ts';
import { writePostgres } from '../../writeback/write-postgres.ts';
import { freshDatabase } from '../support/postgres.ts';
import { snowflakePython } from '../standins/snowflake/start.ts';
import { sparkPython } from '../standins/databricks/start-databricks.ts';
import { runProgram } from '../standins/run-program.ts';
import { startOrSkip, takeTurn } from '../standins/start-or-skip.ts';

const RUN = {
  id: '01a2176a-2d67-723f-8013-d69a34e756d8',
  sync: 'users',
  startedAt: '2026-11-26T10:00:00.000Z',
};
const locations = {
  bigquery: 'gs://bucket/some/prefix',
  snowflake: 's3://bucket/some/prefix?region=eu-west-1',
  databricks: 's3://bucket/some/prefix',
  redshift: 's3://bucket/some/prefix',
} as const;

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_external_table_statement */
const PARTITION_COLUMNS = /^WITH PARTITION COLUMNS \(\n(  `\w+` [A-Z]+,?\n)+\)\n/m;

let folder: string;
let duckdb: DuckDb;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-writeback-'));
  duckdb = await openDuckDb({ scratch: join(folder, 'scratch') });
});
afterAll(async () => {
  duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const python = async <T>(program: string, script: string, input: object): Promise<T> => {
  const path = join(import.meta.dirname, '../standins/writeback', script);
  const said = await runProgram(program, [path, JSON.stringify(input)], {
    env: {
      ...process.env,
      SPARK_LOCAL_IP: '127.0.0.1',
      PYSPARK_PYTHON: program,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  return JSON.parse(said.trim().split('\n').at(-1) ?? '') as T;
};

const line = (position: number): Line => ({
  run_id: RUN.id,
  row_key: position === 0 ? null : `u${position}, "é"\n`,
  outcome: position === 0 ? 'invalid' : 'accepted',
  operation: position === 0 ? null : 'added',
  reason: position === 0 ? 'null_key' : null,
  http_status: position === 0 ? null : 200,
  attempts: position === 0 ? 0 : 1,
  attempted_at: position === 0 ? null : '2026-11-26T10:00:01.234Z',
  model_rows: 1,
  payload: position === 0 ? null : JSON.stringify({ userId: `u${position}`, traits: { a: '"\\' } }),
});

const RUN_LINE: Line = {
  run_id: RUN.id,
  status: 'completed',
  with_errors: false,
  rows_read: 1,
  rows_added: 1,
  rows_changed: 0,
  rows_unchanged: 0,
  rows_removed: 0,
  rows_invalid: 0,
  messages_planned: 1,
  messages_accepted: 1,
  messages_rejected: 0,
  requests: 1,
  started_at: RUN.startedAt,
  finished_at: RUN.startedAt,
  rows_selected: 'all',
};

describe('the statements that make external tables', () => {
  it.each(writebackEngines)('of %s are what its dialect is', async (engine) => {
    const program = await startOrSkip('statements of the write-back', snowflakePython);
    if (program === null) return;
    const statements = externalTables(engine, locations[engine]).map((statement) =>
      statement
        .replace(/<([A-Z_]+)>/g, '$1')
        .replaceAll("'YYYY-MM-DD'", "'2026-11-26'")
        .replace('<YYYY-MM-DD>', '2026-11-26'),
    );
    // The one clause that sqlglot takes for an unknown command.
    const known = statements.map((statement) => statement.replace(PARTITION_COLUMNS, ''));
    const parsed = await python<string[][]>(program, 'parse.py', { dialect: engine, statements: known });
    const made = parsed.flat();
    expect(made.filter((kind) => kind === 'Create')).toHaveLength(engine === 'snowflake' ? 3 : 2);
    for (const { name } of [...writebackColumns.runs, ...writebackColumns.rows])
      expect(statements.join('\n')).toContain(name);
  });

  it('are refused of a place that the warehouse does not read from', () => {
    for (const engine of ['bigquery', 'snowflake', 'redshift'] as const)
      expect(() => externalTables(engine, 'file:///blobs')).toThrow(
        expect.objectContaining({ code: 'usage' }),
      );
  });
});

describe('what is written back as Parquet', () => {
  it('is read by Spark with the statements of Databricks, and by pyarrow, with the partitions of its folders', async () => {
    const program = await startOrSkip('write-back in Spark', sparkPython);
    if (program === null) return;
    const root = join(folder, 'blobs');
    const blobs = openBlobs(pathToFileURL(root).href);
    const options = {
      run: RUN,
      blobs,
      duckdb,
      scratch: join(folder, 'scratch', 'parts'),
      parts: 0,
      partRows: 400,
    };
    const parts = await openParts(options);
    const finished: (number | null)[] = [];
    for (let page = 0; page < 10; page++)
      finished.push(await parts.add(Array.from({ length: 100 }, (_, row) => line(page * 100 + row))));
    expect(await parts.finish()).toBe(3);
    expect(finished).toEqual([null, null, null, null, 1, null, null, null, 2, null]);

    const endTurn = await takeTurn();
    try {
      const said = await python<Record<'spark' | 'pyarrow' | 'metadata', unknown>>(
        program,
        'read_with_spark.py',
        {
          scratch: join(folder, 'spark'),
          statements: externalTables('databricks', pathToFileURL(root).href).filter((statement) =>
            statement.includes('backhaul_rows'),
          ),
          query: `select sync, cast(run_date as string) as run_date, outcome, count(*) as n, min(row_key) as first,
                  cast(max(attempted_at) as string) as at, max(get_json_object(payload, '$.traits.a')) as trait
                from backhaul_rows group by all order by outcome`,
          folder: join(root, 'writeback/v1/rows'),
          file: join(root, rowsFile(RUN, 2)),
        },
      );
      const partition = { sync: 'users', run_date: '2026-11-26' };
      expect(said.spark).toEqual([
        {
          ...partition,
          outcome: 'accepted',
          n: 999,
          first: 'u1, "é"\n',
          at: '2026-11-26 10:00:01.234',
          trait: '"\\',
        },
        { ...partition, outcome: 'invalid', n: 1, first: null, at: null, trait: null },
      ]);
      expect(said.pyarrow).toMatchObject({
        rows: 1000,
        types: {
          row_key: 'string',
          http_status: 'int32',
          model_rows: 'int64',
          attempted_at: 'timestamp[us, tz=UTC]',
        },
        keys: ['u1, "é"\n', 'u10, "é"\n', 'u100, "é"\n'],
      });
      expect(said.metadata).toEqual({ 'backhaul.table': 'rows', 'backhaul.version': '1' });
    } finally {
      await endTurn();
    }
  });
});

it('a write-back to tables that waits in vain for another is tried again', async () => {
  const database = await freshDatabase();
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  const write = () =>
    writePostgres({
      name: 'warehouse',
      connection: { type: 'postgres', url: database.url, statementTimeout: '1s' },
      schema: 'outcomes',
      keepMs: null,
      run: RUN,
      lines: (async function* () {
        yield [line(1)];
      })(),
      runLine: (rows) => ({ ...RUN_LINE, rows_written: rows }),
      signal: new AbortController().signal,
    });
  try {
    await other.query('begin');
    await other.query("select pg_advisory_xact_lock(hashtextextended('backhaul writeback outcomes', 0))");
    await expect(write()).rejects.toMatchObject({
      code: 'writeback_unavailable',
      where: 'connection warehouse, schema outcomes, 57014',
      entry: { retryable: true },
    });
    await other.query('rollback');
    expect(await write()).toBe(1);
  } finally {
    await other.end();
    await database.drop();
  }
});
