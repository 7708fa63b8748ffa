import type { BigQuery } from '@google-cloud/bigquery';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece } from '../../vocabulary/spool.ts';
import { arrowReader } from './arrow-values.ts';
import { typeName, type Field } from './columns.ts';
import { failureOf } from './failure.ts';
import { pageOf, textsOf, MAX_PAGE_ROWS, type Page } from './result-pages.ts';
import type { ReadPlace } from './place.ts';
import { spoolRows } from './spool-rows.ts';
import type { StorageApi } from './storage.ts';

const MAX_ATTEMPTS = 5;
const BACKOFF_MS = 500;
/** https://cloud.google.com/bigquery/docs/reference/storage: a stream may be read again from an offset. */
const TRANSIENT = new Set(['UNAVAILABLE', 'INTERNAL', 'ABORTED', 'DEADLINE_EXCEEDED', 'UNAUTHENTICATED']);

export interface ResultOptions {
  model: string;
  /** Those that are read, in the order of the spool. */
  fields: readonly Field[];
  maxValueBytes: number;
  signal: AbortSignal;
}

/** The pages of a result behind a place, each with the place behind it. The next one comes while one is written. */
export async function* restPieces(
  client: BigQuery,
  place: ReadPlace,
  options: ResultOptions,
): AsyncGenerator<Piece> {
  if (place.done) return;
  let { rows } = place;
  let coming: Promise<Page> | null = pageOf(client, place, place.token);
  while (coming !== null) {
    const page: Page = await coming;
    coming = page.next === null ? null : pageOf(client, place, page.next);
    // It is looked at in the next round, if there is one.
    coming?.catch(() => undefined);
    const columns = options.fields.map((field) => {
      const position = positionIn(page.fields, field, options.model);
      return { field, read: textsOf(page, field, position) };
    });
    rows += page.rows.length;
    if (page.rows.length > 0) {
      const { maxValueBytes } = options;
      yield spoolRows(columns, { from: 0, to: page.rows.length, maxValueBytes });
    }
    yield { place: { ...place, rows, token: page.next, done: page.next === null } };
  }
}

function positionIn(fields: readonly Field[], wanted: Field, model: string): number {
  const position = fields.findIndex(({ name }) => name === wanted.name);
  const found = fields[position];
  if (found === undefined || typeName(found) !== typeName(wanted)) {
    throw new BackhaulError('source_changed', `model ${model}, column "${wanted.name}"`);
  }
  return position;
}

/** The rows of a result behind a place, by the Storage Read API. */
export async function* storagePieces(
  storage: StorageApi,
  auth: { renew(): void },
  table: string,
  place: ReadPlace,
  options: ResultOptions,
): AsyncGenerator<Piece> {
  if (place.done) return;
  const names = options.fields.map(({ name }) => name);
  const stream = place.stream ?? (await storage.openStream(table, names));
  let { rows } = place;
  const at = (done: boolean): Piece => ({ place: { ...place, stream, rows, done } });
  if (stream !== null) {
    yield at(false);
    for (let attempt = 1; ; attempt += 1) {
      try {
        for await (const batch of storage.readRows(stream, rows)) {
          const columns = options.fields.map((field) => {
            const data = batch.columns.get(field.name);
            if (data === undefined) {
              throw new BackhaulError('source_changed', `model ${options.model}, column "${field.name}"`);
            }
            return { field, read: arrowReader(field, data) };
          });
          for (let from = 0; from < batch.rows; from += MAX_PAGE_ROWS) {
            const to = Math.min(from + MAX_PAGE_ROWS, batch.rows);
            rows += to - from;
            yield spoolRows(columns, { from, to, maxValueBytes: options.maxValueBytes });
            yield at(false);
          }
          attempt = 1;
        }
        break;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === null || !TRANSIENT.has(failure.reason) || attempt === MAX_ATTEMPTS) throw error;
        if (failure.reason === 'UNAUTHENTICATED') auth.renew();
        await sleep(BACKOFF_MS * 2 ** (attempt - 1), undefined, { signal: options.signal });
      }
    }
  }
  yield at(true);
}
