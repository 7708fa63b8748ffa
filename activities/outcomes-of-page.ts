import type { TimedPost } from '../ledger/posts.ts';
import { toldOf, verdicts, type VerdictRange } from '../ledger/verdict.ts';
import type { BatchesAtRest } from '../vocabulary/batches-at-rest.ts';
import type { Change } from '../vocabulary/planned-page.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import type { WritebackOutcome } from '../vocabulary/writeback.ts';

/** What became of one row. */
export interface RowOutcome {
  key: string | null;
  outcome: WritebackOutcome;
  change: Change | null;
  reason: string | null;
  column: string | null;
  messageId: string | null;
  httpStatus: number | null;
  attempts: number;
  attemptedAt: string | null;
  answeredAt: string | null;
  /** Rows of the model that it stands for; null: not known of each. */
  modelRows: number | null;
  payload: string | null;
}

export const NO_POST = {
  reason: null,
  column: null,
  messageId: null,
  httpStatus: null,
  attempts: 0,
  attemptedAt: null,
  answeredAt: null,
  modelRows: 1,
  payload: null,
} as const;

/** A page after its run has ended. */
export interface EndedPage {
  /** Its rows in order, keys as spooled. */
  planned: Iterable<{ key: string; change: Change }>;
  /** Null: the run ended before it was mapped. */
  mapped: MappedPageAtRest | null;
}

export interface MappedPageAtRest {
  /** Of its messages in order, as spooled. */
  keys: readonly string[];
  /** Those of its rows that the mapping found invalid, in order. */
  invalid: readonly { reason: string; column: string | null }[];
  posts: readonly TimedPost[];
  /** Null: an adoption, whose messages are not kept. */
  batches: BatchesAtRest | null;
  /** Of an adoption: whether it came to its end. */
  adopted?: boolean;
}

/**
 * What became of each row of a page, in the order of the plan. A row is either the next message of the page or the next one that its
 * mapping found invalid, since both were written in that order.
 */
export function* outcomesOfPage(
  { mapped, planned }: EndedPage,
  options: { payload: boolean },
): Generator<RowOutcome> {
  const told = mapped === null ? [] : toldOfMessages(mapped);
  let message = 0;
  let fault = 0;
  for (const { change, key: spooled } of planned) {
    const key = unescapeSpool(spooled);
    if (mapped === null) {
      yield { ...NO_POST, key, change, outcome: 'unsent' };
    } else if (mapped.keys[message] === spooled) {
      yield sentRow(mapped, told, { key, change, position: message }, options.payload);
      message += 1;
    } else {
      const { column = null, reason = null } = mapped.invalid[fault] ?? {};
      yield { ...NO_POST, key, change, outcome: 'invalid', reason, column };
      fault += 1;
    }
  }
}

/** The POST that decided what is told of a message, and how many it was in. */
interface Told {
  outcome: WritebackOutcome;
  post: TimedPost | null;
  attempts: number;
}

const outcomes = {
  accepted: 'accepted',
  rejected: 'rejected',
  in_doubt: 'in_doubt',
  open: 'unsent',
} as const;

function toldOfMessages({ keys, posts }: MappedPageAtRest): Told[] {
  const told: Told[] = [];
  for (const range of verdicts(posts, keys.length)) {
    for (let position = range.first; position < range.beyond; position++)
      told[position] = { outcome: outcomes[toldOf(range)], post: null, attempts: 0 };
    for (const post of posts) takeNote(told, range, post);
  }
  return told;
}

/** A later POST counts for more, unless it says something else than what is told. */
function takeNote(told: Told[], range: VerdictRange, post: TimedPost): void {
  const [first, beyond] = [Math.max(range.first, post.first), Math.min(range.beyond, post.beyond)];
  const decides = hasDecided(range, post);
  for (let position = first; position < beyond; position++) {
    const of = told[position];
    if (of === undefined) continue;
    if (post.outcome !== 'not_sent') of.attempts += 1;
    if (decides) of.post = post;
  }
}

function hasDecided(range: VerdictRange, { outcome }: TimedPost): boolean {
  switch (toldOf(range)) {
    case 'accepted':
      return outcome === 'accepted';
    case 'rejected':
      return outcome === 'refused';
    case 'in_doubt':
      return outcome === null || outcome === 'unknown';
    case 'open':
      return outcome !== 'not_sent';
  }
}

function sentRow(
  { adopted, batches }: MappedPageAtRest,
  told: readonly Told[],
  { change, key, position }: { key: string; change: Change; position: number },
  payload: boolean,
): RowOutcome {
  if (batches === null) return { ...NO_POST, key, change, outcome: adopted === true ? 'adopted' : 'unsent' };
  const { attempts, outcome, post } = told[position] ?? { outcome: 'unsent', post: null, attempts: 0 };
  const text = batches.text({ first: position, beyond: position + 1 }).toString('utf8');
  const httpStatus = post?.http_status ?? null;
  return {
    ...NO_POST,
    key,
    change,
    outcome,
    reason: outcome === 'rejected' ? `http_${httpStatus ?? 'refused'}` : null,
    messageId: messageIdOf(text),
    httpStatus,
    attempts,
    attemptedAt: post?.slot_at.toISOString() ?? null,
    answeredAt: post?.finished_at?.toISOString() ?? null,
    payload: payload ? text : null,
  };
}

/** As mapping/message.ts begins each message; to parse a million of them takes ten times as long. */
const BEGINNING = /^\{"type":"[a-z]+","messageId":"([A-Za-z0-9._-]+)"/;

const messageIdOf = (text: string): string =>
  BEGINNING.exec(text)?.[1] ?? (JSON.parse(text) as { messageId: string }).messageId;
