import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { blobName } from '../vocabulary/ids.ts';
import { forRole } from './for-role.ts';
import { endRecap, recapSync, validateConnection } from './steps.ts';

/** Somebody waits for it: a fault that does not pass soon is told. */
const retry = { maximumAttempts: 3 };
/** What a recap that was terminated left is removed by later ones after this. */
const LONGEST_MS = 86_400_000;

/** What the next run of a sync would do, as the name of a blob with an hour's life. It takes no run number and blocks no run. */
export async function syncRecap(input: {
  sync: string;
  /** Workers with roles are there: one of `plan` does it. */
  roles?: boolean;
}): Promise<{ blob: string }> {
  const { sync } = input;
  const options = { summary: sync, retry, ...forRole(input, 'plan') };
  const id = workflowInfo().runId;
  const folder = blobName('recaps', `${Date.now() + LONGEST_MS}-${id}`);
  const { warnings } = await validateConnection.executeWithOptions(options, [{ sync }]);
  try {
    return await recapSync.executeWithOptions(options, [{ sync, id, folder, warnings }]);
  } finally {
    await CancellationScope.nonCancellable(() => endRecap.executeWithOptions(options, [{ folder }]));
  }
}
