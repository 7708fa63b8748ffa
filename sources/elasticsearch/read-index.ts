import type { IndexContent } from '../../definitions/model.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece, Place } from '../../vocabulary/spool.ts';
import type { ElasticsearchClient } from './client.ts';
import type { ElasticsearchColumn } from './columns.ts';
import type { Asked } from './errors.ts';
import { readPage } from './page.ts';
import { mayBePlain, readPlainPage } from './plain-page.ts';
import { placeInJson } from './query-place.ts';

/** How long Elasticsearch keeps a point in time after the last page was asked for: a worker may take over meanwhile. */
const KEEP_ALIVE = '10m';
/** Documents may be large: pages are made as long as pageRows allows, and about as large as this. */
const PAGE_BYTES = 8 * 1024 * 1024;
const FIRST_ROWS = 1000;
/** Documents may all of a sudden be larger than those before: then a page is asked for again, with fewer. */
const MAX_PAGE_BYTES = 8 * PAGE_BYTES;
const FEWER = 8;
/** A document has at most 100 MB (http.max_content_length). */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;
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
  /** How many fields documents have by their mapping. */
  mappedFields: number;
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
  options: { maxValueBytes: number; pageRows: number; resumed: boolean },
): AsyncGenerator<Piece> {
  let { pit, after, rows } = from;
  let size = Math.min(FIRST_ROWS, options.pageRows);
  let isPlain = mayBePlain(search.columns);
  const leaving = new AbortController();
  const askOnce = (): Promise<string> => {
    const { asked, body } = searchBody(
      search,
      { size, pit: { id: pit, keep_alive: KEEP_ALIVE } },
      after,
      isPlain,
    );
    return client.ask({
      method: 'POST',
      path: '/_search',
      query: { allow_partial_search_results: 'false' },
      body,
      asked: { ...asked, inPointInTime: options.resumed || after !== null },
      retries: PAGE_RETRIES,
      leaving: leaving.signal,
      maxBytes: size === 1 ? MAX_DOCUMENT_BYTES : MAX_PAGE_BYTES,
    });
  };
  const askForFewer = (error: unknown): Promise<string> => {
    if (size === 1 || !(error instanceof BackhaulError) || error.code !== 'source_row_too_large') throw error;
    size = Math.ceil(size / FEWER);
    return ask();
  };
  const ask = (): Promise<string> => {
    const answer = askOnce().catch(askForFewer);
    // Awaited when the page before it has been taken.
    answer.catch(() => undefined);
    return answer;
  };
  const reading = { where: `model ${search.model.name}`, maxValueBytes: options.maxValueBytes };
  try {
    yield { place: { pit, after, rows } };
    for (let next: Promise<string> | null = ask(); next !== null;) {
      const answer: string = await next;
      const page = isPlain
        ? readPlainPage(answer, search.columns, reading)
        : readPage(answer, search.columns, reading);
      if (page === null) {
        isPlain = false;
        next = ask();
        continue;
      }
      pit = page.pit ?? pit;
      after = page.after ?? after;
      rows += page.rows;
      const isLast = page.rows < size;
      const fitting = Math.floor((PAGE_BYTES / answer.length) * page.rows);
      size = Math.max(1, Math.min(options.pageRows, fitting));
      const place = { pit, after, rows };
      // Elasticsearch makes the next page while this one is taken.
      next = isLast ? null : ask();
      if (page.rows > 0) {
        yield Buffer.from(page.lines);
        yield { place };
      }
    }
  } finally {
    leaving.abort();
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
  search: Search,
  more: Record<string, unknown>,
  after: string | null,
  isPlain = false,
): { body: string; asked: Asked } {
  const { asked, columns, model, sort } = search;
  const query = JSON.stringify(model.query ?? { match_all: {} });
  const by = (wanted: ElasticsearchColumn['from']) => columns.filter(({ from }) => from === wanted);
  const byMapping = isPlain ? [] : by('fields');
  const rest = {
    ...more,
    sort,
    track_total_hits: false,
    _source: isPlain ? sourceOption(search) : orNone(by('source').map(({ field }) => field)),
    ...(byMapping.length === 0 ? {} : { fields: byMapping.map(fieldOption) }),
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

/** To filter documents costs a server more than to send them, when most of them is wanted. */
const sourceOption = ({ columns, mappedFields }: Search): unknown => {
  const fields = columns.flatMap(({ field, from }) => (from === 'hit' ? [] : [field]));
  return orNone(fields) && (fields.length * 2 >= mappedFields || fields);
};

/** An empty list would mean everything. */
const orNone = (fields: readonly string[]): readonly string[] | false => fields.length > 0 && fields;

/** Dates in one form, whatever their mapping writes: UTC, with every digit. */
function fieldOption({ field, kind, sourceType }: ElasticsearchColumn): unknown {
  if (kind === 'date') return { field, format: 'strict_date' };
  const isDate = sourceType.startsWith('date') && !sourceType.startsWith('date_range');
  return isDate ? { field, format: 'strict_date_optional_time_nanos' } : field;
}
