import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece } from '../../vocabulary/spool.ts';
import { arrowReader } from './arrow-values.ts';
import { failureOf } from './failure.ts';
import type { ReadPlace } from './place.ts';
import type { ResultOptions } from './read-pages.ts';
import { MAX_PAGE_ROWS } from './result-pages.ts';
import { spoolRows } from './spool-rows.ts';
import type { StorageApi } from './storage.ts';

const MAX_ATTEMPTS = 5;
const BACKOFF_MS = 500;
/** https://cloud.google.com/bigquery/docs/reference/storage: a stream may be read again from an offset. */
const TRANSIENT = new Set(['UNAVAILABLE', 'INTERNAL', 'ABORTED', 'DEADLINE_EXCEEDED', 'UNAUTHENTICATED']);
/** What a stream is answered with that is over: it lives six hours. */
const GONE = new Set(['FAILED_PRECONDITION', 'INVALID_ARGUMENT', 'OUT_OF_RANGE']);

/** The rows of a result behind a place, by the Storage Read API. */
export async function* streamPieces(
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
        if (options.signal.aborted) throw error;
        const failure = failureOf(error);
        // One that has given nothing yet is refused for another reason, which would come back.
        if (GONE.has(failure?.reason ?? '') && (place.stream !== null || rows > 0)) {
          throw new BackhaulError('source_result_expired', `model ${options.model}, ${failure?.reason}`);
        }
        if (failure === null || !TRANSIENT.has(failure.reason) || attempt === MAX_ATTEMPTS) throw error;
        if (failure.reason === 'UNAUTHENTICATED') auth.renew();
        await sleep(BACKOFF_MS * 2 ** (attempt - 1), undefined, { signal: options.signal });
      }
    }
  }
  yield at(true);
}
