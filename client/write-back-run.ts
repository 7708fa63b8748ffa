import { readWritebacks } from '../ledger/writebacks.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { isFinal } from '../vocabulary/run.ts';
import type { Writeback } from '../vocabulary/writeback.ts';
import type { ClientConnection } from './connection.ts';
import { executeShared } from './on-worker.ts';
import { getRun } from './runs.ts';

/**
 * Writes a run that has ended back, on a worker, and waits for the end. One that is being written back is waited for.
 *
 * @throws run_not_found, run_not_ended, and what it failed with
 */
export async function writeBackRun(connection: ClientConnection, id: string): Promise<Writeback[]> {
  const { status } = await getRun(connection, id);
  if (!isFinal(status)) throw new BackhaulError('run_not_ended', `run ${id}, ${status}`);
  const input = { run: id, installation: connection.installation, again: true };
  await executeShared(connection, 'writeBack', `writeback/${id}`, input);
  return readWritebacks(connection.ledger.db, id);
}
