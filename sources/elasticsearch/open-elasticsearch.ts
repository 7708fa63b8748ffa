import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolvedElasticsearchConnection } from '../../definitions/elasticsearch-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { MAX_VALUE_BYTES, SPOOL_NULL, unescapeSpool, type Piece } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { narrowed } from '../sql-or-table.ts';
import { openClient } from './client.ts';
import { columnsOf, namedFields, sortBy } from './columns.ts';
import type { Asked } from './errors.ts';
import { fieldTypes, mappedFields } from './index-fields.ts';
import {
  closePit,
  isPitPlace,
  openPit,
  readPit,
  searchOnce,
  type IndexModel,
  type Search,
} from './read-index.ts';
import {
  closeCursor,
  firstPage,
  isSqlPlace,
  readSql,
  requireSelect,
  sqlLines,
  type SqlModel,
  type SqlPage,
} from './read-sql.ts';
import { writeWarnings } from './write-warnings.ts';

const DEFAULT_PAGE_ROWS = 5000;
/** index.max_result_window, by default. */
const MAX_PREVIEW_ROWS = 10_000;
/** How long `close` waits for points in time to be given back. */
const CLOSE_MS = 5_000;

/** Elasticsearch, read page by page out of a point in time; or by the cursor of `_sql`. */
export function openElasticsearch(
  name: string,
  connection: ResolvedElasticsearchConnection,
  { signal }: SourceContext,
): Source {
  const closing = new AbortController();
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const client = openClient(name, connection, AbortSignal.any([signal, closing.signal]), stopped);
  const pageRows = connection.pageRows ?? DEFAULT_PAGE_ROWS;
  /** What Elasticsearch keeps for the reads of this source: given back when they are told to stop. */
  const kept = new Set<() => Promise<void>>();
  const givingBack = new Set<Promise<void>>();
  const giveBack = (end: () => Promise<void>): void => {
    kept.delete(end);
    const ended = end().finally(() => givingBack.delete(ended));
    givingBack.add(ended);
  };
  const keep = (end: () => Promise<void>): void => {
    kept.add(end);
    if (signal.aborted) giveBack(end);
  };
  const onAbort = (): void => kept.forEach(giveBack);
  signal.addEventListener('abort', onAbort, { once: true });

  const askedFor = (model: ResolvedModel, reads: string): Asked => ({
    connection: name,
    model: { name: model.name, reads },
  });

  const describeIndex = async (model: IndexModel): Promise<Search> => {
    requireLocal(model);
    const asked = askedFor(model, model.index);
    const leaves = await fieldTypes(client, model.index, namedFields(model), asked);
    const mapped = await mappedFields(client, model.index, asked);
    const types = new Map<string, readonly string[]>(leaves);
    for (const [field, type] of mapped.holders) if (!types.has(field)) types.set(field, [type]);
    const columns = columnsOf(model, types, mapped);
    requireOwnNames(
      model.name,
      columns.map((column) => column.name),
    );
    return { model, columns, sort: sortBy(model, types), mappedFields: mapped.count, asked };
  };
  const describeSql = async (model: SqlModel, rows: number): Promise<SqlPage> => {
    requireSelect(model);
    const page = await firstPage(client, model.sql, rows, askedFor(model, '*'));
    if (page.cursor !== null) await closeCursor(client, page.cursor, name);
    requireOwnNames(
      model.name,
      page.columns.map((column) => column.name),
    );
    return page;
  };

  const pit = async (model: IndexModel): Promise<string> => {
    const opening = openPit(client, model, askedFor(model, model.index));
    const end = async (): Promise<void> => {
      const id = await opening.catch(() => null);
      if (id !== null) await closePit(client, id, name);
    };
    keep(end);
    const id = await Promise.race([opening, whenAborted(signal)]);
    if (id === null) throw stopped();
    kept.delete(end);
    return id;
  };

  const readIndex = async (
    model: IndexModel,
    names: readonly string[],
    options: Parameters<Source['read']>[2],
  ) => {
    const described = await describeIndex(model);
    const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
    const { from, maxValueBytes } = options;
    const place = from !== null && isPitPlace(from) ? from : { pit: await pit(model), after: null, rows: 0 };
    const search = { ...described, columns };
    const paging = { maxValueBytes, pageRows, resumed: from !== null };
    let newest = place.pit;
    const end = (): Promise<void> => closePit(client, newest, name);
    keep(end);
    async function* pieces(): AsyncGenerator<Piece> {
      try {
        for await (const piece of readPit(client, search, place, paging)) {
          if ('place' in piece) newest = String(piece.place.pit);
          yield piece;
        }
        giveBack(end);
      } catch (error) {
        if (!isRetryable(error)) giveBack(end);
        throw error;
      }
    }
    return { columns: columns.map(asColumn), pieces: pieces() };
  };

  const readBySql = async (
    model: SqlModel,
    names: readonly string[],
    { from, maxValueBytes }: Parameters<Source['read']>[2],
  ) => {
    const place = from !== null && isSqlPlace(from) ? from : null;
    const known = place !== null && place.columns.length > 0 ? place.columns : null;
    const described = known ?? (await describeSql(model, 1)).columns;
    const chosen = chooseColumns(model.name, described, names);
    async function* pieces(): AsyncGenerator<Piece> {
      let cursor = place?.cursor ?? null;
      const end = async (): Promise<void> => {
        if (cursor !== null) await closeCursor(client, cursor, name);
      };
      keep(end);
      try {
        yield* readSql(client, model, place, {
          asked: askedFor(model, '*'),
          maxValueBytes,
          pageRows,
          onCursor: (newest) => (cursor = newest),
          positions: (columns) => chooseColumns(model.name, columns, names).map(({ position }) => position),
        });
        kept.delete(end);
      } catch (error) {
        if (!isRetryable(error)) giveBack(end);
        throw error;
      }
    }
    return { columns: chosen.map(({ column }) => column), pieces: pieces() };
  };

  return {
    async validate(model) {
      if (model !== null) {
        const content = contentOf(model);
        if ('sql' in content) await describeSql(content, 1);
        else await searchOnce(client, await describeIndex(content), 0, MAX_VALUE_BYTES);
      }
      const index = model !== null && 'index' in model ? model.index : undefined;
      return { warnings: await writeWarnings(name, client, index) };
    },
    async describe(model) {
      const content = contentOf(model);
      if ('sql' in content) return (await describeSql(content, 1)).columns;
      return (await describeIndex(content)).columns.map(asColumn);
    },
    async preview(model, limit) {
      const content = contentOf(model);
      const size = Math.min(MAX_PREVIEW_ROWS, Math.max(1, Math.trunc(limit)));
      if ('sql' in content) {
        const page = await describeSql(content, size);
        const all = page.columns.map((_, position) => position);
        const lines = sqlLines(page, page.columns, all, model.name, MAX_VALUE_BYTES);
        return { columns: page.columns, rows: rowsOf(lines, size) };
      }
      const search = await describeIndex(content);
      const lines = await searchOnce(client, search, size, MAX_VALUE_BYTES);
      return { columns: search.columns.map(asColumn), rows: rowsOf(lines, size) };
    },
    read(model, names, options) {
      const content = contentOf(model);
      return 'sql' in content ? readBySql(content, names, options) : readIndex(content, names, options);
    },
    async release(place) {
      if (isPitPlace(place)) await closePit(client, place.pit, name);
      if (isSqlPlace(place) && place.cursor !== null) await closeCursor(client, place.cursor, name);
    },
    async close() {
      signal.removeEventListener('abort', onAbort);
      closing.abort();
      const done = new AbortController();
      const patience = sleep(CLOSE_MS, undefined, { signal: done.signal }).catch(() => undefined);
      const closed = Promise.all(givingBack).then(() => client.close());
      await Promise.race([closed.catch(() => undefined), patience]);
      done.abort();
    },
  };
}

const isRetryable = (error: unknown): boolean => error instanceof BackhaulError && error.entry.retryable;

/** Elasticsearch tells the mapping of an index in its own cluster only. */
function requireLocal({ index, name }: IndexModel): void {
  const remote = index.split(',').find((one) => /^[^<].*:/.test(one));
  if (remote === undefined) return;
  throw new BackhaulError('source_table_missing', `model ${name}, "${remote}" is in another cluster`, {
    action: 'Name that cluster in a connection of its own.',
  });
}

const asColumn = ({ kind, name, sourceType }: Column): Column => ({ name, kind, sourceType });

function contentOf(model: ResolvedModel): IndexModel | SqlModel {
  if ('sql' in model && model.where !== undefined) return narrowed(model.name, model.sql, model.where);
  if ('index' in model || 'sql' in model) return model;
  throw new BackhaulError('definitions_invalid', `model ${model.name}: its connection reads index or sql`);
}

const rowsOf = (lines: string, limit: number): (string | null)[][] =>
  lines
    .split('\n')
    .slice(0, -1)
    .slice(0, limit)
    .map((line) => line.split('\t').map((cell) => (cell === SPOOL_NULL ? null : unescapeSpool(cell))));

const whenAborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
