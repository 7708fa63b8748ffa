import type pg from 'pg';
import type { RedshiftColumn } from './columns.ts';
import { within, type Query } from './query.ts';
import { ask, type Rows } from './session.ts';
import { rowsWriter } from './spool-writers.ts';

const DECLARE = 'declare backhaul cursor for ';
export const BEGIN = 'begin read only';

export const DEFAULT_FETCH_ROWS = 10_000;
/** A cluster of one node takes no larger FETCH, whatever its rows are. */
const SINGLE_NODE_ROWS = 1000;
/** What one FETCH should bring: two of them are held at once. */
const FETCH_BYTES = 4 * 1024 * 1024;

export const declaring = (query: Query): Query => within(query, DECLARE);

/**
 * The largest FETCH that this cluster takes, up to `wanted`: asked of a cursor over one row, since a real one would have to
 * run its query again. In a transaction of its own, which it ends.
 */
export async function fetchLimit(session: pg.Client, wanted: number): Promise<number> {
  if (wanted <= SINGLE_NODE_ROWS) return wanted;
  await session.query(BEGIN);
  try {
    await ask(session, 'declare backhaul_probe cursor for select 1');
    await ask(session, `fetch forward ${wanted} from backhaul_probe`);
    return wanted;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const limit = /exceeds the limit of (\d+) for a single node/i.exec(message)?.[1];
    if (limit === undefined) throw error;
    return Number(limit);
  } finally {
    await session.query('rollback');
  }
}

/**
 * The rows of a query, inside of a transaction. While one FETCH is taken on, the next is under way. It ends with a FETCH of
 * no rows: one of fewer than were asked for could be a limit of the server.
 */
export async function* readByCursor(
  session: pg.Client,
  query: Query,
  columns: readonly RedshiftColumn[],
  maxRows: number,
): AsyncGenerator<Buffer> {
  const write = rowsWriter(columns);
  const fetch = (rows: number): Promise<Rows> => {
    const fetched = ask(session, `fetch forward ${rows} from backhaul`);
    fetched.catch(() => undefined);
    return fetched;
  };
  await ask(session, declaring(query).text);
  let asked = Math.min(maxRows, SINGLE_NODE_ROWS);
  let next = fetch(asked);
  for (;;) {
    const { rows } = await next;
    if (rows.length === 0) return;
    const lines = write(rows);
    asked = Math.max(1, Math.min(maxRows, Math.floor((rows.length * FETCH_BYTES) / (lines.length + 1))));
    next = fetch(asked);
    yield lines;
  }
}
