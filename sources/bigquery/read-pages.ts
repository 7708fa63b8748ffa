import type { BigQuery } from '@google-cloud/bigquery';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece } from '../../vocabulary/spool.ts';
import { typeName, type Field } from './columns.ts';
import { pageOf, textsOf, type Page } from './result-pages.ts';
import type { ReadPlace } from './place.ts';
import { spoolRows } from './spool-rows.ts';

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
    // What is not read would be taken for removed.
    if (page.next === null && page.total !== rows) {
      throw new BackhaulError(
        'source_partial_result',
        `model ${options.model}: ${rows} of ${page.total ?? 'an unknown number of'} rows`,
      );
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
