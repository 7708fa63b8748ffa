import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { SPOOL_NULL, type Piece, type Place } from '../../vocabulary/spool.ts';
import { canonical } from './canonical.ts';
import type { ElasticsearchClient } from './client.ts';
import { kindOfSqlType } from './columns.ts';
import type { Asked } from './errors.ts';
import { endOfValue, readArray, readObject, stringAt } from './json-text.ts';
import { requireAllShards } from './page.ts';

/** As for a point in time, which a cursor of `_sql` is made of. */
const KEEP_ALIVE = '10m';

export interface SqlModel {
  name: string;
  sql: string;
}

/** A place behind a page of `_sql`; without a cursor it is before the first. */
export interface SqlPlace {
  cursor: string | null;
  columns: Column[];
  rows: number;
}

export const isSqlPlace = (place: Place): place is Place & SqlPlace => 'cursor' in place;

export interface SqlPage {
  /** Of the first page only. */
  columns: Column[];
  /** One for each row: where its array starts in `text`. */
  text: string;
  rows: number[];
  cursor: string | null;
}

/** SQL of Elasticsearch has no statement that writes; what is no SELECT has no rows of documents. */
export function requireSelect({ name, sql }: SqlModel): void {
  const code = sql.replace(/--[^\n]*|\/\*[^]*?\*\//g, ' ').trim();
  if (!/^\(*\s*select\b/i.test(code)) {
    throw new BackhaulError('not_a_select', `model ${name}: it is no SELECT`);
  }
}

export const firstPage = (
  client: ElasticsearchClient,
  sql: string,
  rows: number,
  asked: Asked,
): Promise<SqlPage> =>
  sqlPage(client, asked, {
    query: sql,
    fetch_size: rows,
    time_zone: 'Z',
    field_multi_value_leniency: false,
    allow_partial_search_results: false,
    page_timeout: KEEP_ALIVE,
  });

async function sqlPage(
  client: ElasticsearchClient,
  asked: Asked,
  body: Record<string, unknown>,
): Promise<SqlPage> {
  const text = await client.ask({
    method: 'POST',
    path: '/_sql',
    query: { format: 'json' },
    body: JSON.stringify(body),
    asked,
  });
  const page: SqlPage = { columns: [], text, rows: [], cursor: null };
  readObject(text, 0, (key, at) => {
    if (key === 'rows') {
      return readArray(text, at, (row) => {
        page.rows.push(row);
        return endOfValue(text, row);
      });
    }
    const end = endOfValue(text, at);
    if (key === 'columns') page.columns = columnsIn(text.slice(at, end));
    if (key === 'cursor') page.cursor = stringAt(text, at, end);
    if (key === '_shards') requireAllShards(text.slice(at, end), `model ${asked.model?.name ?? ''}`);
    return end;
  });
  return page;
}

const columnsIn = (text: string): Column[] =>
  (JSON.parse(text) as { name: string; type: string }[]).map(({ name, type }) => ({
    name,
    kind: kindOfSqlType(type),
    sourceType: type,
  }));

export async function closeCursor(
  client: ElasticsearchClient,
  cursor: string,
  connection: string,
): Promise<void> {
  const body = JSON.stringify({ cursor });
  await client
    .ask({ method: 'POST', path: '/_sql/close', body, asked: { connection }, signal: null })
    .catch(() => undefined);
}

/**
 * The rows of a query, and a place after each page. A page may be asked for again by its cursor, but for the last: answering
 * it, Elasticsearch gives the cursor back, and it then is `source_result_expired`.
 */
export async function* readSql(
  client: ElasticsearchClient,
  model: SqlModel,
  from: SqlPlace | null,
  options: {
    positions(columns: readonly Column[]): readonly number[];
    maxValueBytes: number;
    pageRows: number;
    asked: Asked;
    /** The cursor that Elasticsearch keeps now. */
    onCursor(cursor: string | null): void;
  },
): AsyncGenerator<Piece> {
  const { asked, maxValueBytes, onCursor, pageRows, positions } = options;
  let { cursor, columns, rows } = from ?? { cursor: null, columns: [], rows: 0 };
  yield { place: { cursor, columns, rows } };
  if (rows > 0 && cursor === null) return;
  for (;;) {
    const page =
      cursor === null
        ? await firstPage(client, model.sql, pageRows, asked)
        : await sqlPage(client, asked, { cursor });
    if (cursor === null) columns = page.columns;
    cursor = page.cursor;
    onCursor(cursor);
    rows += page.rows.length;
    if (page.rows.length > 0) {
      yield Buffer.from(sqlLines(page, columns, positions(columns), model.name, maxValueBytes));
      yield { place: { cursor, columns, rows } };
    }
    if (cursor === null) return;
  }
}

/** @param positions of the columns that are asked for, in the rows */
export function sqlLines(
  page: SqlPage,
  columns: readonly Column[],
  positions: readonly number[],
  model: string,
  maxValueBytes: number,
): string {
  const { text } = page;
  let lines = '';
  for (const row of page.rows) {
    const cells: string[] = [];
    readArray(text, row, (at) => {
      const end = endOfValue(text, at);
      const column = columns[cells.length];
      if (column === undefined || text.startsWith('null', at)) {
        cells.push(SPOOL_NULL);
        return end;
      }
      const value = canonical(column.kind, text, at, end, maxValueBytes);
      if (value === null) {
        const where = `model ${model}, column "${column.name}": a value is not of type ${column.sourceType}`;
        throw new BackhaulError('source_value_unsupported', where, { action: 'Cast it in the model.' });
      }
      cells.push(value);
      return end;
    });
    lines += `${positions.map((position) => cells[position] ?? SPOOL_NULL).join('\t')}\n`;
  }
  return lines;
}
