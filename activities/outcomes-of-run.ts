import { faultCounts } from '../ledger/faults.ts';
import { invalidOf, invalidRowsName, mappedPages, type MappedPage } from '../ledger/pages.ts';
import { timedPostsOfPage } from '../ledger/posts.ts';
import type { PlanReference } from '../ledger/run-record.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { compileMapping } from '../mapping/compile.ts';
import { keyOfRow, pageName, PAGE_ROWS, readPage } from '../snapshot/pages.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import { blobName } from '../vocabulary/ids.ts';
import { linesOf } from '../vocabulary/lines.ts';
import { spooledKeys } from '../vocabulary/page-index.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';
import { NO_POST, outcomesOfPage, type MappedPageAtRest, type RowOutcome } from './outcomes-of-page.ts';

/** Rows, and the page that follows when they are dealt with: to go on from there gives the rest, and the same again. */
export interface OutcomesSoFar {
  rows: RowOutcome[];
  next: number;
}

/** Before the first page: what the plan itself found invalid. */
export const FROM_THE_START = -1;

type Reading = Pick<Dependencies, 'blobs' | 'ledger'>;

/**
 * What became of every row that the plan of an ended run was about, in an order that does not change. Held in memory is a page.
 *
 * @param options.from a page, as an earlier iteration gave it
 */
export async function* outcomesOfRun(
  dependencies: Reading,
  run: RunRecord,
  options: { payload: boolean; from: number },
): AsyncGenerator<OutcomesSoFar> {
  const { plan, snapshot } = run;
  // It ended before it was known what is to be sent.
  if (plan === null || snapshot === null) return;
  if (options.from === FROM_THE_START) yield* invalidByPlan(dependencies, run, plan);
  const keyParts = compileMapping(run.definition.sync, snapshot.columns).keyColumns.length;
  const mapped = new Map(
    (await mappedPages(dependencies.ledger.db, run.id)).map((page) => [page.page, page]),
  );
  for (let page = Math.max(0, options.from); page < plan.pages; page++) {
    const rows = await dependencies.blobs.get(pageName(plan.prefix, page));
    const found = mapped.get(page);
    const ended = {
      planned: plannedRows(rows, keyParts),
      mapped: found === undefined ? null : await atRest(dependencies, run, found),
    };
    yield { rows: [...outcomesOfPage(ended, options)], next: page + 1 };
  }
}

function* plannedRows(page: Buffer, keyParts: number) {
  for (const row of readPage(page)) yield { key: keyOfRow(row, keyParts), change: row.change };
}

/** Rows without a key cannot be told apart: one line stands for them. Of a key that several rows have there is one line. */
async function* invalidByPlan(
  { blobs, ledger }: Reading,
  run: RunRecord,
  { invalid }: PlanReference,
): AsyncGenerator<OutcomesSoFar> {
  const row = (key: string | null, reason: string, modelRows: number | null): RowOutcome => ({
    ...NO_POST,
    key,
    change: null,
    outcome: 'invalid',
    reason,
    modelRows,
  });
  const counts = await faultCounts(ledger.db, run.id, 'invalid');
  let rows: RowOutcome[] = [];
  for (const [reason, key] of [
    ['null_key', null],
    ['empty_key', ''],
  ] as const) {
    const count = counts[reason] ?? 0;
    if (count > 0) rows.push(row(key, reason, count));
  }
  if (invalid !== null) {
    for await (const line of linesOf(blobs.read(invalid))) {
      rows.push(row(unescapeSpool(line), 'duplicate_key', null));
      if (rows.length < PAGE_ROWS) continue;
      yield { rows, next: FROM_THE_START };
      rows = [];
    }
  }
  yield { rows, next: 0 };
}

async function atRest(
  { blobs, ledger }: Reading,
  run: RunRecord,
  page: MappedPage,
): Promise<MappedPageAtRest> {
  const invalid: MappedPageAtRest['invalid'][number][] = [];
  if (invalidOf(page) > 0) {
    for await (const line of linesOf(blobs.read(invalidRowsName(page))))
      invalid.push(JSON.parse(line) as { reason: string; column: string | null });
  }
  const adopts = run.mode === 'adopt';
  return {
    keys: spooledKeys(await blobs.get(blobName(page.index))),
    invalid,
    posts: await timedPostsOfPage(ledger.db, run.id, page.page),
    batches: adopts ? null : readBatches(await blobs.get(blobName(page.batches))),
    ...(adopts && { adopted: run.status === 'completed' }),
  };
}
