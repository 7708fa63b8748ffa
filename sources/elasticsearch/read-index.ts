import type { IndexContent } from '../../definitions/model.ts';
import type { Piece, Place } from '../../vocabulary/spool.ts';
import type { ElasticsearchClient } from './client.ts';
import type { ElasticsearchColumn } from './columns.ts';
import type { Asked } from './errors.ts';
import { readPage } from './page.ts';
import { placeInJson } from './query-place.ts';

/** How long Elasticsearch keeps a point in time after the last page was asked for: a worker may take over meanwhile. */
const KEEP_ALIVE = '10m';
/** Documents may be large: pages are made as long as pageRows allows, and about as large as this. */
const PAGE_BYTES = 8 * 1024 * 1024;
const FIRST_ROWS = 1000;
/** A page may be asked for again: it says where it begins. */
const PAGE_RETRIES = 2;

export interface IndexModel extends IndexContent {
  name: string;
}

/** A place in a point in time. */
export interface PitPlace {
  pit: string;
  /** JSON text of the sort values of the last row; null: at the beginning. */
  after: string | null;
  rows: number;
}

export const isPitPlace = (place: Place): place is Place & PitPlace => typeof place.pit === 'string';

export interface Search {
  model: IndexModel;
  columns: readonly ElasticsearchColumn[];
  sort: readonly object[];
  asked: Asked;
}

/** Keeps the documents as they are now, also when they change or go. */
export async function openPit(
  client: ElasticsearchClient,
  { index }: IndexModel,
  asked: Asked,
): Promise<string> {
  const answer = await client.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_pit`,
    query: { keep_alive: KEEP_ALIVE },
    asked,
    // It is closed when it comes too late; broken off, it would be kept.
    signal: null,
  });
  return (JSON.parse(answer) as { id: string }).id;
}

export async function closePit(client: ElasticsearchClient, pit: string, connection: string): Promise<void> {
  const body = JSON.stringify({ id: pit });
  await client
    .ask({ method: 'DELETE', path: '/_pit', body, asked: { connection }, signal: null })
    .catch(() => undefined);
}

/** The rows of a point in time, and a place after each page. */
export async function* readPit(
  client: ElasticsearchClient,
  search: Search,
  from: PitPlace,
  options: { maxValueBytes: number; pageRows: number },
): AsyncGenerator<Piece> {
  let { pit, after, rows } = from;
  let size = Math.min(FIRST_ROWS, options.pageRows);
  yield { place: { pit, after, rows } };
  for (;;) {
    const answer = await client.ask({
      method: 'POST',
      path: '/_search',
      query: { allow_partial_search_results: 'false' },
      ...searchBody(search, { size, pit: { id: pit, keep_alive: KEEP_ALIVE } }, after),
      retries: PAGE_RETRIES,
    });
    const where = `model ${search.model.name}`;
    const page = readPage(answer, search.columns, { where, maxValueBytes: options.maxValueBytes });
    pit = page.pit ?? pit;
    if (page.rows > 0) {
      after = page.after ?? after;
      rows += page.rows;
      yield Buffer.from(page.lines);
      yield { place: { pit, after, rows } };
    }
    if (page.rows < size) return;
    const fitting = Math.floor((PAGE_BYTES / answer.length) * page.rows);
    size = Math.max(1, Math.min(options.pageRows, fitting));
  }
}

/** A search without a point in time: the first rows, or none to see whether it can be done. */
export async function searchOnce(
  client: ElasticsearchClient,
  search: Search,
  size: number,
  maxValueBytes: number,
): Promise<string> {
  const sort = search.model.key === undefined ? [{ _doc: 'asc' }] : search.sort;
  const answer = await client.ask({
    method: 'POST',
    path: `/${encodeURIComponent(search.model.index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    ...searchBody({ ...search, sort }, { size }, null),
    retries: PAGE_RETRIES,
  });
  return readPage(answer, search.columns, { where: `model ${search.model.name}`, maxValueBytes }).lines;
}

/** The model's query goes nowhere but into `query`. */
function searchBody(
  { asked, columns, model, sort }: Search,
  more: Record<string, unknown>,
  after: string | null,
): { body: string; asked: Asked } {
  const query = JSON.stringify(model.query ?? { match_all: {} });
  const source = columns.filter(({ from }) => from === 'source').map(({ field }) => field);
  const rest = {
    ...more,
    sort,
    track_total_hits: false,
    _source: source.length === 0 ? false : source,
    fields: columns.flatMap((column) => (column.from === 'fields' ? [fieldOption(column)] : [])),
  };
  const before = '{"query":';
  const searchAfter = after === null ? '' : `"search_after":${after},`;
  return {
    body: `${before}${query},${searchAfter}${JSON.stringify(rest).slice(1)}`,
    asked: {
      ...asked,
      placeOf: (offset) => {
        const inQuery = offset - before.length;
        return inQuery < 0 || inQuery > query.length ? null : placeInJson(query, inQuery, 'query');
      },
    },
  };
}

/** Dates in one form, whatever their mapping writes: UTC, with every digit. */
function fieldOption({ field, kind, sourceType }: ElasticsearchColumn): unknown {
  if (kind === 'date') return { field, format: 'strict_date' };
  const isDate = sourceType.startsWith('date') && !sourceType.startsWith('date_range');
  return isDate ? { field, format: 'strict_date_optional_time_nanos' } : field;
}
