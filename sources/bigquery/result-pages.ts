import type { BigQuery } from '@google-cloud/bigquery';
import { fieldOf, type Field, type SchemaField } from './columns.ts';
import { jobAt, type JobPlace } from './jobs.ts';
import { restWriter, type Cell } from './rest-values.ts';
import type { ReadText } from './spool-rows.ts';

/**
 * The most rows that a page is asked for. BigQuery gives fewer where they have many bytes: it stops at about 10 MB
 * (https://cloud.google.com/bigquery/docs/paging-results), or after one row, which may have 100 MB.
 */
export const MAX_PAGE_ROWS = 20_000;

export interface Page {
  fields: Field[];
  rows: { f: Cell[] }[];
  /** Null: this is the last. */
  next: string | null;
  /** Of all pages; null while BigQuery does not know. */
  total: number | null;
}

interface Answer {
  schema?: { fields?: SchemaField[] };
  rows?: { f: Cell[] }[];
  pageToken?: string | null;
  totalRows?: string;
}

/** A page of the result of a job that has ended. */
export async function pageOf(
  client: BigQuery,
  place: JobPlace,
  token: string | null,
  maxRows = MAX_PAGE_ROWS,
): Promise<Page> {
  // As it comes: what the client makes of the values is rounded.
  const [, , answer] = await jobAt(client, place).getQueryResults({
    autoPaginate: false,
    skipParsing: true,
    maxResults: maxRows,
    ...(token !== null && { pageToken: token }),
  });
  const { schema, rows = [], pageToken, totalRows } = answer as Answer;
  return {
    fields: (schema?.fields ?? []).map(fieldOf),
    rows,
    next: pageToken === undefined || pageToken === null || pageToken === '' ? null : pageToken,
    total: totalRows === undefined ? null : Number(totalRows),
  };
}

/** The canonical texts of a column in a page. */
export function textsOf({ rows }: Page, field: Field, position: number): ReadText {
  const write = restWriter(field);
  return (row) => {
    const value = rows[row]?.f[position]?.v ?? null;
    // The API gives a NULL array as an empty one.
    return value === null ? null : write(value);
  };
}
