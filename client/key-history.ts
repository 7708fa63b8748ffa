import { pinDefinition } from '../ledger/pin-definition.ts';
import { runsOfSync, type NumberedRun } from '../ledger/runs-of-sync.ts';
import type { ClientConnection } from './connection.ts';
import { findKeyInRun, type KeyInRun } from './key-in-run.ts';

/** One run that touched a key, or of which that can no longer be told: `not_kept`. */
export interface HistoryEntry extends Omit<KeyInRun, 'outcome' | 'payload'> {
  run: string;
  number: number;
  startedAt: string;
  status: NumberedRun['status'];
  mode: NumberedRun['mode'];
  outcome: KeyInRun['outcome'] | 'not_kept';
  /** The message, when asked for; null: there was none, or it is not kept any more. */
  payload?: unknown;
}

export interface HistoryOptions {
  /** Runs that are looked through, from the newest on. A full run costs a read of all its keys. @default 100 */
  limit?: number | undefined;
  /** With the messages. @default false */
  payload?: boolean | undefined;
}

export interface HistoryEnd {
  /** Runs that were looked through. */
  runs: number;
  /** Whether there are older ones. */
  more: boolean;
}

const DEFAULT_HISTORY_RUNS = 100;

/** Every run of a sync that touched a key, the newest first. A key of the mapping's own kind, as it is sent. */
export async function* historyOf(
  connection: ClientConnection,
  sync: string,
  key: string,
  { limit = DEFAULT_HISTORY_RUNS, payload: wanted = false }: HistoryOptions = {},
): AsyncGenerator<HistoryEntry, HistoryEnd> {
  const { db } = connection.ledger;
  const found = await runsOfSync(db, sync, limit + 1);
  // A sync that was removed has its history still.
  if (found.length === 0) await pinDefinition(db, sync);
  const runs = found.slice(0, limit);
  for (const run of runs) {
    const row = await findKeyInRun(connection, run, key);
    if (row === 'absent') continue;
    const { id, number, startedAt, status, mode } = run;
    const { payload, ...told } = row === 'not_kept' ? NOT_KEPT : row;
    yield { run: id, number, startedAt, status, mode, ...told, ...(wanted && { payload }) };
  }
  return { runs: runs.length, more: found.length > limit };
}

const NOT_KEPT = {
  outcome: 'not_kept',
  change: null,
  reason: null,
  column: null,
  messageId: null,
  payload: null,
} as const;
