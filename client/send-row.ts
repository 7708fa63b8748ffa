import { lastPosts } from '../ledger/posts.ts';
import { readRun } from '../ledger/runs.ts';
import type { PostOutcome } from '../ledger/schema.ts';
import { removeSelection, writeSelection } from '../ledger/selections.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { exchangeName, type Exchange } from '../vocabulary/exchange.ts';
import type { Run } from '../vocabulary/run.ts';
import { escapeSpool, MAX_LINE_BYTES } from '../vocabulary/spool.ts';
import type { ClientConnection } from './connection.ts';
import { findKeyInRun, type KeyInRun } from './key-in-run.ts';
import { runHandle, type RunHandle } from './run-handle.ts';
import { startRun, type RunOptions } from './start-run.ts';

/** What came of a row that was sent by itself. */
export interface SentRow extends Omit<KeyInRun, 'outcome'> {
  key: string;
  /**
   * `not_in_model`: it has no row of this key. `not_kept`: the blobs of the run cannot be read from here. Null: the run ended
   * before it came to the row; see its error.
   */
  outcome: KeyInRun['outcome'] | 'not_in_model' | 'not_kept' | null;
  /** The last request as it left, without the write key. Null: none left, or it is not kept. */
  request: Exchange['request'] | null;
  /** What came back for it. Null: nothing did. */
  answer: Exchange['answer'];
  /** What the journal says of every POST, the oldest first: more than one when Segment had to be asked again. */
  posts: { outcome: PostOutcome | null; status: number | null }[];
  run: Run;
}

export interface SendHandle extends RunHandle {
  /** Waits for the end, and shows what left and what came back. */
  sent(): Promise<SentRow>;
}

/** More POSTs of one row are not shown. */
const MOST_POSTS = 20;

/**
 * Runs one row of a sync through: a run as any other, restricted to the key. The row is sent whether it changed or not.
 *
 * @throws usage when no row could have such a key
 */
export async function sendRow(
  connection: ClientConnection,
  sync: string,
  key: string,
  { idempotencyKey }: Pick<RunOptions, 'idempotencyKey'> = {},
): Promise<SendHandle> {
  const { db } = connection.ledger;
  if (key === '') throw new BackhaulError('usage', 'the key is empty, and no such row is ever sent');
  if (Buffer.byteLength(escapeSpool(key)) >= MAX_LINE_BYTES) {
    throw new BackhaulError('usage', 'the key is longer than any that is sent');
  }
  const selected = { kind: 'keys', keys: [key], resend: true } as const;
  const selection = await writeSelection(db, sync, selected, idempotencyKey);
  const started = await startRun(connection, sync, { selection, idempotencyKey });
  if (started.how === 'skipped') await removeSelection(db, selection);
  const handle = runHandle(connection, sync, started);
  return { ...handle, sent: async () => sentRow(connection, await handle.result(), key) };
}

/** What left for a key in a run that has ended, and what came back. */
export async function sentRow(connection: ClientConnection, run: Run, key: string): Promise<SentRow> {
  const found = run.number === null ? 'not_planned' : await findPlanned(connection, run.id, key);
  const posts = await lastPosts(connection.ledger.db, run.id, MOST_POSTS);
  const exchange = await lastExchange(connection, run.id, posts);
  return {
    key,
    ...(typeof found === 'string' ? { ...NOTHING, outcome: outcomes[found] } : found),
    request: exchange?.request ?? null,
    answer: exchange?.answer ?? null,
    posts: posts.reverse().map(({ http_status, outcome }) => ({ outcome, status: http_status })),
    run,
  };
}

const NOTHING = { change: null, reason: null, column: null, messageId: null, payload: null };
const outcomes = { not_planned: null, not_kept: 'not_kept', absent: 'not_in_model' } as const;

async function findPlanned(
  connection: ClientConnection,
  id: string,
  key: string,
): Promise<KeyInRun | keyof typeof outcomes> {
  const { mode, plan } = await readRun(connection.ledger.db, id);
  const found = await findKeyInRun(connection, { id, mode, plan }, key);
  return found === 'absent' && plan === null ? 'not_planned' : found;
}

async function lastExchange(
  { blobs }: ClientConnection,
  run: string,
  posts: readonly { id: number }[],
): Promise<Exchange | null> {
  for (const { id } of posts) {
    const name = exchangeName(run, id);
    if (await blobs.exists(name)) return JSON.parse((await blobs.get(name)).toString('utf8')) as Exchange;
  }
  return null;
}
