import { faultSamples } from '../ledger/faults.ts';
import { invalidOf, invalidRowsName, mappedPages, type MappedPage } from '../ledger/pages.ts';
import { postsOfPage } from '../ledger/posts.ts';
import { readRun } from '../ledger/runs.ts';
import { toldOf, verdicts } from '../ledger/verdict.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import { blobName } from '../vocabulary/ids.ts';
import { linesOf } from '../vocabulary/lines.ts';
import { readIndexKeys } from '../vocabulary/page-index.ts';
import { rowOutcomes, type RowOutcome } from '../vocabulary/row-outcomes.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import type { ClientConnection } from './connection.ts';

export interface OutcomeRow {
  outcome: RowOutcome;
  key: string | null;
  /** Why it was not sent, or not taken. */
  reason: string | null;
  column: string | null;
  /** The message as Segment got it, when asked for. */
  payload?: unknown;
}

/**
 * The rows of a run by what became of them. Read from the blobs, so all of them; they are there as long as retention keeps
 * them. What is held in memory is a page.
 */
export async function* rowsOf(
  connection: ClientConnection,
  run: string,
  options: { outcome?: RowOutcome | undefined; payload?: boolean | undefined } = {},
): AsyncGenerator<OutcomeRow> {
  const wanted = options.outcome === undefined ? rowOutcomes : [options.outcome];
  if (wanted.includes('invalid')) yield* invalidRows(connection, run);
  for (const outcome of ['accepted', 'rejected'] as const) {
    if (wanted.includes(outcome)) yield* sentRows(connection, run, outcome, options.payload ?? false);
  }
}

async function* invalidRows({ blobs, ledger }: ClientConnection, run: string): AsyncGenerator<OutcomeRow> {
  const { plan } = await readRun(ledger.db, run);
  const row = (key: string | null, reason: string, column: string | null): OutcomeRow => ({
    outcome: 'invalid',
    key,
    reason,
    column,
  });
  // Rows without a key cannot be told apart: they are counted, and one sample stands for them.
  for (const { key, reason, column } of await faultSamples(ledger.db, run, 'invalid')) {
    if (reason === 'null_key' || reason === 'empty_key') yield row(key, reason, column);
  }
  if (plan?.invalid != null) {
    for await (const line of linesOf(blobs.read(plan.invalid)))
      yield row(unescapeSpool(line), 'duplicate_key', null);
  }
  for (const page of await mappedPages(ledger.db, run)) {
    if (invalidOf(page) === 0) continue;
    for await (const line of linesOf(blobs.read(invalidRowsName(page)))) {
      const { key, reason, column } = JSON.parse(line) as {
        key: string;
        reason: string;
        column: string | null;
      };
      yield row(key, reason, column);
    }
  }
}

async function* sentRows(
  connection: ClientConnection,
  run: string,
  outcome: 'accepted' | 'rejected',
  payload: boolean,
): AsyncGenerator<OutcomeRow> {
  for (const page of await mappedPages(connection.ledger.db, run)) {
    yield* sentRowsOfPage(connection, run, page, outcome, payload);
  }
}

async function* sentRowsOfPage(
  { blobs, ledger }: ClientConnection,
  run: string,
  page: MappedPage,
  outcome: 'accepted' | 'rejected',
  payload: boolean,
): AsyncGenerator<OutcomeRow> {
  const posts = await postsOfPage(ledger.db, run, page.page);
  const ranges = verdicts(posts, page.messages).filter((range) => toldOf(range) === outcome);
  if (ranges.length === 0) return;
  const keys = readIndexKeys(await blobs.get(blobName(page.index)));
  const batches = payload ? readBatches(await blobs.get(blobName(page.batches))) : undefined;
  const reasons = new Map(
    posts
      .filter(({ first, beyond, outcome }) => outcome === 'refused' && beyond === first + 1)
      .map((post) => [post.first, `http_${post.http_status}`]),
  );
  for (const { first, beyond } of ranges) {
    for (let position = first; position < beyond; position++) {
      const text = batches?.text({ first: position, beyond: position + 1 });
      yield {
        outcome,
        key: keys[position] ?? null,
        reason: outcome === 'rejected' ? (reasons.get(position) ?? null) : null,
        column: null,
        ...(text !== undefined && { payload: JSON.parse(text.toString('utf8')) as unknown }),
      };
    }
  }
}
