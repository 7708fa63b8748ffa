import { faultOfKey, PLAN_PAGE } from '../ledger/faults.ts';
import { invalidOf, invalidRowsName, mappedPages, type MappedPage } from '../ledger/pages.ts';
import { postsOfPage } from '../ledger/posts.ts';
import type { PlanReference } from '../ledger/run-record.ts';
import { toldOf, verdicts } from '../ledger/verdict.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import { blobName } from '../vocabulary/ids.ts';
import { linesOf } from '../vocabulary/lines.ts';
import { changeOf, pageName, type Change } from '../vocabulary/planned-page.ts';
import type { RunMode, RunStatus } from '../vocabulary/run.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import { findLine } from '../vocabulary/tabbed-lines.ts';
import type { ClientConnection } from './connection.ts';

/** What became of the row of a key in one run. */
export interface KeyInRun {
  outcome: 'accepted' | 'rejected' | 'invalid' | 'in_doubt' | 'unsent' | 'adopted';
  /** What the plan took it for; null: not known, or it came to no plan. `unchanged`: it was sent again all the same. */
  change: Change | null;
  /** Why it was not sent, or not taken. */
  reason: string | null;
  column: string | null;
  /** Null: there was no message, or it is not kept any more. */
  messageId: string | null;
  /** The message as Segment got it. Null as `messageId`. */
  payload: unknown;
}

interface LookedAt {
  id: string;
  plan: PlanReference | null;
  mode?: RunMode | null;
  status?: RunStatus;
}

/** Place of the key in a line of a page's index, and of the message's position. */
const INDEX_KEY = 2;
const INDEX_POSITION = 1;

/**
 * Looks for a key in what a run has left at rest, a page at a time.
 *
 * @returns 'absent': the run did not touch it; 'not_kept': blobs are gone, and it cannot be told
 */
export async function findKeyInRun(
  connection: ClientConnection,
  run: LookedAt,
  key: string,
): Promise<KeyInRun | 'absent' | 'not_kept'> {
  const { blobs, ledger } = connection;
  const spooled = escapeSpool(key);
  const kept = keeping();
  const change = async (page: number): Promise<Change | null> => {
    const { plan } = run;
    if (plan === null || page === PLAN_PAGE) return null;
    const rows = await kept.of(() => blobs.get(pageName(plan.prefix, page)));
    return rows === undefined ? null : changeOf(rows, spooled);
  };
  const fault = await faultOfKey(ledger.db, run.id, key);
  if (fault?.kind === 'invalid') return invalid(fault, await change(fault.page));

  const mapped = await mappedPages(ledger.db, run.id);
  for (const page of mapped) {
    const index = await kept.of(() => blobs.get(blobName(page.index)));
    const line = index === undefined ? null : findLine(index, INDEX_KEY, spooled);
    if (line !== null)
      return sent(connection, run, page, Number(line[INDEX_POSITION]), await change(page.page));
    const row = invalidOf(page) === 0 ? undefined : await kept.of(() => invalidOnPage(connection, page, key));
    if (row !== undefined && row !== null) return invalid(row, await change(page.page));
  }
  const duplicates = run.plan?.invalid ?? null;
  if (
    duplicates !== null &&
    (await kept.of(() => hasLine(linesOf(blobs.read(duplicates)), spooled))) === true
  ) {
    return invalid({ reason: 'duplicate_key', column: null }, null);
  }
  const unmapped = await unmappedChange(connection, run, mapped, spooled, kept);
  if (unmapped !== null) return { ...nothing, outcome: 'unsent', change: unmapped };
  if (fault !== undefined) return { ...nothing, outcome: 'rejected', reason: fault.reason };
  return kept.isAllThere() ? 'absent' : 'not_kept';
}

const nothing = { change: null, reason: null, column: null, messageId: null, payload: null } as const;

const invalid = (
  { column, reason }: { column: string | null; reason: string },
  change: Change | null,
): KeyInRun => ({ ...nothing, outcome: 'invalid', change, reason, column });

async function sent(
  { blobs, ledger }: ClientConnection,
  { id, mode, status }: LookedAt,
  page: MappedPage,
  position: number,
  change: Change | null,
): Promise<KeyInRun> {
  // There are no messages of it.
  if (mode === 'adopt') return { ...nothing, outcome: status === 'completed' ? 'adopted' : 'unsent', change };
  const posts = await postsOfPage(ledger.db, id, page.page);
  const range = verdicts(posts, page.messages).find(
    ({ first, beyond }) => first <= position && position < beyond,
  );
  const told = range === undefined ? 'open' : toldOf(range);
  const refusal = posts.findLast(
    ({ first, beyond, outcome }) => outcome === 'refused' && first === position && beyond === position + 1,
  );
  const batches = await keeping().of(() => blobs.get(blobName(page.batches)));
  const text = batches && readBatches(batches).text({ first: position, beyond: position + 1 });
  const payload = text === undefined ? null : (JSON.parse(text.toString('utf8')) as { messageId: string });
  return {
    outcome: told === 'open' ? 'unsent' : told,
    change,
    reason: told === 'rejected' ? `http_${refusal?.http_status}` : null,
    column: null,
    messageId: payload?.messageId ?? null,
    payload,
  };
}

async function invalidOnPage(
  { blobs }: ClientConnection,
  page: MappedPage,
  key: string,
): Promise<{ reason: string; column: string | null } | null> {
  for await (const line of linesOf(blobs.read(invalidRowsName(page)))) {
    const row = JSON.parse(line) as { key: string; reason: string; column: string | null };
    if (row.key === key) return row;
  }
  return null;
}

async function hasLine(lines: AsyncIterable<string>, wanted: string): Promise<boolean> {
  for await (const line of lines) if (line === wanted) return true;
  return false;
}

/** A run that ended early has planned rows that it never came to. */
async function unmappedChange(
  { blobs }: ClientConnection,
  { plan }: LookedAt,
  mapped: readonly MappedPage[],
  spooled: string,
  kept: Keeping,
): Promise<Change | null> {
  if (plan === null || mapped.length === plan.pages) return null;
  const done = new Set(mapped.map(({ page }) => page));
  for (let page = 0; page < plan.pages; page++) {
    if (done.has(page)) continue;
    const rows = await kept.of(() => blobs.get(pageName(plan.prefix, page)));
    const change = rows === undefined ? null : changeOf(rows, spooled);
    if (change !== null) return change;
  }
  return null;
}

interface Keeping {
  /** Undefined when the blob is gone, which is no fault: they are kept for some time only. */
  of<T>(read: () => Promise<T>): Promise<T | undefined>;
  isAllThere(): boolean;
}

function keeping(): Keeping {
  let isAllThere = true;
  return {
    async of(read) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof BackhaulError) || error.code !== 'snapshot_missing') throw error;
        isAllThere = false;
        return undefined;
      }
    },
    isAllThere: () => isAllThere,
  };
}
