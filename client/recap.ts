import { readApproval } from '../ledger/approvals.ts';
import { pinDefinition } from '../ledger/pin-definition.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { Recap } from '../vocabulary/recap.ts';
import type { ClientConnection } from './connection.ts';
import { executeShared } from './on-worker.ts';
import { getRun } from './runs.ts';

/** Somebody else who asked at the same time may have fetched the recap first: then it is made again. */
const MOST_TRIES = 3;

/** What the next run of a sync would do. Made on a worker; sends nothing, and writes nothing that a run could see. */
export async function recapOfSync(connection: ClientConnection, sync: string): Promise<Recap> {
  await pinDefinition(connection.ledger.db, sync);
  for (let tries = 1; ; tries++) {
    const { blob } = await executeShared<{ blob: string }>(connection, 'syncRecap', `recap/${sync}`, {
      sync,
    });
    const name = blobName(blob);
    try {
      const recap = await readRecap(connection, name);
      await connection.blobs.remove(name);
      return recap;
    } catch (error) {
      const isGone = error instanceof BackhaulError && error.code === 'snapshot_missing';
      if (!isGone || tries === MOST_TRIES) throw error;
    }
  }
}

/** What was shown of a run that waits, or waited, for an approval. @throws run_not_found, not_awaiting_approval */
export async function recapOfRun(connection: ClientConnection, run: string): Promise<Recap> {
  const recap = await findRecap(connection, run);
  if (recap !== null) return recap;
  await getRun(connection, run);
  throw new BackhaulError('not_awaiting_approval', `run ${run}`);
}

/** Null: nothing was shown of it. */
export async function findRecap(connection: ClientConnection, run: string): Promise<Recap | null> {
  const approval = await readApproval(connection.ledger.db, run);
  return approval?.recap == null ? null : readRecap(connection, approval.recap);
}

const readRecap = async (
  { blobs }: ClientConnection,
  blob: Parameters<ClientConnection['blobs']['get']>[0],
): Promise<Recap> => JSON.parse((await blobs.get(blob)).toString('utf8')) as Recap;
