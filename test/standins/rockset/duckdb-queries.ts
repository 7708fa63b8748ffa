import { randomUUID } from 'node:crypto';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

const MOST_ROWS = 10_000_000;
const INTERRUPT_EVERY_MS = 50;

/** A query and its result, as Rockset keeps them. */
export interface Query {
  id: string;
  sql: string;
  status: 'RUNNING' | 'COMPLETED' | 'ERROR' | 'CANCELLED';
  fields: { name: string; type: string }[];
  rows: Record<string, unknown>[];
  error: QueryFailure | null;
  done: Promise<void>;
  stop(why: 'CANCELLED' | 'QUERY_TIMEOUT'): void;
}
export interface QueryFailure {
  status: number;
  type: string;
  line?: number;
  column?: number;
}

/** DuckDB in the place of Rockset's engine: its dialect is another one, its results are told in Rockset's types. */
export async function openEngine(setUp: (connection: DuckDBConnection) => Promise<void>) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const first = await instance.connect();
  await setUp(first);
  first.closeSync();
  // Nothing changes after the set-up, so a result is worked out once.
  const results = new Map<string, Pick<Query, 'fields' | 'rows'>>();
  return {
    async start(sql: string, timeoutMs: number, rows = Infinity): Promise<Query> {
      const connection = await instance.connect();
      let stopped: 'CANCELLED' | 'QUERY_TIMEOUT' | null = null;
      const query: Query = {
        id: randomUUID(),
        sql,
        status: 'RUNNING',
        fields: [],
        rows: [],
        error: null,
        done: Promise.resolve(),
        stop(why) {
          if (stopped !== null) return;
          stopped = why;
          // DuckDB forgets an interrupt that comes before the query has begun.
          const again = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
          connection.interrupt();
          void query.done.finally(() => clearInterval(again));
        },
      };
      const timer = setTimeout(() => query.stop('QUERY_TIMEOUT'), timeoutMs);
      const run = async (): Promise<void> => {
        try {
          const known = `${rows} ${sql.replace(/\n-- .*$/, '')}`;
          const result = results.get(known) ?? (await readAll(connection, sql, rows));
          results.set(known, result);
          query.fields = result.fields;
          query.rows = result.rows;
          query.status = 'COMPLETED';
        } catch (error) {
          query.status = stopped === 'CANCELLED' ? 'CANCELLED' : 'ERROR';
          query.error =
            stopped === null ? failureOf((error as Error).message) : { status: 408, type: 'QUERY_TIMEOUT' };
        } finally {
          clearTimeout(timer);
          connection.closeSync();
        }
      };
      query.done = run();
      return query;
    },
    close: () => instance.closeSync(),
  };
}

async function readAll(
  connection: DuckDBConnection,
  sql: string,
  rows: number,
): Promise<Pick<Query, 'fields' | 'rows'>> {
  const result = await connection.streamAndReadUntil(sql, Number.isFinite(rows) ? rows : MOST_ROWS);
  const types = result.columnTypes().map(String);
  return {
    fields: result
      .columnNames()
      .map((name, position) => ({ name, type: rocksetType(types[position] ?? '') })),
    rows: result
      .getRowObjects()
      .slice(0, rows)
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonOf(value)]))),
  };
}

const types: Readonly<Record<string, string>> = {
  BIGINT: 'int',
  INTEGER: 'int',
  VARCHAR: 'string',
  DOUBLE: 'float',
  BOOLEAN: 'bool',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'datetime',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
  BLOB: 'bytes',
  '"NULL"': 'null',
  SQLNULL: 'null',
};
const rocksetType = (type: string): string => types[type] ?? (type.endsWith('[]') ? 'array' : 'object');

/** A value of DuckDB as JSON has it; integers beyond 2^53 stay bigint. */
function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const held = value as {
    items?: unknown[];
    entries?: Record<string, unknown> | { key: unknown; value: unknown }[];
    bytes?: Uint8Array;
    toString(): string;
  };
  const { bytes, entries, items } = held;
  if (bytes !== undefined) return Buffer.from(bytes).toString('base64');
  if (items !== undefined) return items.map(jsonOf);
  if (Array.isArray(entries)) {
    return Object.fromEntries(entries.map((entry) => [String(entry.key), jsonOf(entry.value)]));
  }
  if (entries !== undefined) {
    return Object.fromEntries(Object.entries(entries).map(([name, inner]) => [name, jsonOf(inner)]));
  }
  const text = held.toString();
  // `2024-02-29 12:00:00.5+00` of DuckDB, `2024-02-29T12:00:00.5Z` of Rockset.
  return text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?$/, (_, day, time, zone) =>
    zone === undefined ? `${day}T${time}` : `${day}T${time}Z`,
  );
}

function failureOf(message: string): QueryFailure {
  if (message.startsWith('Catalog Error: Table')) return { status: 404, type: 'NOTFOUND' };
  if (!message.includes('Parser Error')) return { status: 400, type: 'QUERY_ERROR' };
  const [, prefix = '', line = '1', , pointer = ''] = /(LINE (\d+): )(.*)\n( *)\^/.exec(message) ?? [];
  return {
    status: 400,
    type: 'INVALIDINPUT',
    line: Number(line),
    column: pointer.length - prefix.length + 1,
  };
}
