import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { SPOOL_NULL } from '../../vocabulary/spool.ts';
import { canonical } from './canonical.ts';
import type { ElasticsearchColumn } from './columns.ts';
import { endOfValue, isArray, isString, readArray, readObject, stringAt } from './json-text.ts';
import { valueAtPath } from './source-path.ts';

/** A page of a search. */
export interface Page {
  /** As the spool writes them. */
  lines: string;
  rows: number;
  /** The newest one, by which the next page is asked for. */
  pit: string | null;
  /** The JSON text of the sort values of the last row: as text, since a double would change a long. */
  after: string | null;
}

export interface PageOptions {
  /** `model users` */
  where: string;
  maxValueBytes: number;
}

/**
 * Reads the answer to a search, in one pass.
 *
 * @throws BackhaulError source_partial_result, source_value_unsupported
 */
export function readPage(text: string, columns: readonly ElasticsearchColumn[], options: PageOptions): Page {
  const page: Page = { lines: '', rows: 0, pit: null, after: null };
  const readHit = hitReader(text, columns, options, page);
  readObject(text, 0, (key, at) => {
    if (key === 'hits') {
      return readObject(text, at, (inner, start) =>
        inner === 'hits' ? readArray(text, start, readHit) : endOfValue(text, start),
      );
    }
    const end = endOfValue(text, at);
    if (key === 'pit_id') page.pit = stringAt(text, at, end);
    if (key === 'timed_out' && text.startsWith('true', at)) throw partial(options.where, 'it timed out');
    if (key === '_shards') requireAllShards(text.slice(at, end), options.where);
    return end;
  });
  return page;
}

const partial = (where: string, why: string): BackhaulError =>
  new BackhaulError('source_partial_result', `${where}: ${why}`);

export function requireAllShards(shards: string, where: string): void {
  const { failed } = JSON.parse(shards) as { failed?: number };
  if (failed !== undefined && failed > 0) throw partial(where, `${failed} shards failed`);
}

function hitReader(
  text: string,
  columns: readonly ElasticsearchColumn[],
  options: PageOptions,
  page: Page,
): (at: number) => number {
  const { maxValueBytes, where } = options;
  const cells: string[] = columns.map(() => SPOOL_NULL);
  const positions = (from: ElasticsearchColumn['from']): Map<string, number> =>
    new Map(columns.flatMap((column, index) => (column.from === from ? [[column.field, index]] : [])));
  const inHit = positions('hit');
  const inFields = positions('fields');
  const inSource = [...positions('source')];

  const unsupported = (field: string, why: string, action: string): BackhaulError =>
    new BackhaulError('source_value_unsupported', `${where}, field "${field}": ${why}`, { action });
  const write = (index: number, start: number, end: number): void => {
    const column = columns[index];
    if (column === undefined) return;
    const { field, kind } = column;
    const value = canonical(kind, text, start, end, maxValueBytes);
    if (value === null)
      throw unsupported(field, `a value is not of type ${column.sourceType}`, AS_LIST(field));
    cells[index] = value;
  };
  /** The values of a field: Elasticsearch does not say of a field that it has several. */
  const readValues = (index: number, start: number): number => {
    const column = columns[index];
    let count = 0;
    let first = start;
    let endOfFirst = start;
    const end = readArray(text, start, (at) => {
      const endOfThis = endOfValue(text, at);
      if (count === 0) [first, endOfFirst] = [at, endOfThis];
      count += 1;
      return endOfThis;
    });
    if (column === undefined || count === 0) return end;
    if (column.list || (count > 1 && column.kind === 'json')) write(index, start, end);
    else if (count === 1) write(index, first, endOfFirst);
    else throw unsupported(column.field, 'a document has several values', AS_LIST(column.field));
    return end;
  };
  /** What ignore_above and ignore_malformed keep out of the index is a value of the document all the same. */
  const readIgnored = (field: string, at: number): number => {
    const index = inFields.get(field);
    const column = index === undefined ? undefined : columns[index];
    if (index === undefined || column === undefined) return endOfValue(text, at);
    const isWhole = cells[index] === SPOOL_NULL;
    if (isWhole && (column.kind === 'text' || column.list)) return readValues(index, at);
    const why = column.kind === 'text' || column.list ? 'is too long to be indexed' : 'is malformed';
    throw unsupported(
      field,
      `a value ${why}`,
      `Mend the documents, or keep them out by query: { bool: { must_not: { term: { _ignored: ${field} } } } }.`,
    );
  };
  const readSource = (start: number): number => {
    const end = endOfValue(text, start);
    const source = text.slice(start, end);
    for (const [field, index] of inSource) {
      const found = valueAtPath(source, field);
      if (found === null) continue;
      const asList = columns[index]?.list === true && !isArray(found, 0) ? `[${found}]` : found;
      cells[index] = canonical('json', asList, 0, asList.length, maxValueBytes) ?? SPOOL_NULL;
    }
    return end;
  };

  return (start) => {
    cells.fill(SPOOL_NULL);
    const end = readObject(text, start, (key, at) => {
      if (key === 'fields') {
        return readObject(text, at, (field, from) => {
          const index = inFields.get(field);
          return index === undefined ? endOfValue(text, from) : readValues(index, from);
        });
      }
      if (key === '_source') return readSource(at);
      if (key === 'ignored_field_values') return readObject(text, at, readIgnored);
      const endOfThis = endOfValue(text, at);
      if (key === 'sort') page.after = text.slice(at, endOfThis);
      const index = inHit.get(key);
      if (index !== undefined && isString(text, at)) write(index, at, endOfThis);
      return endOfThis;
    });
    page.lines += `${cells.join('\t')}\n`;
    page.rows += 1;
    return end;
  };
}

const AS_LIST = (field: string): string => `Name it as "${field}[]" in fields, to get JSON arrays.`;
