import type { NativeConnection } from '@temporalio/worker';
import { doneWithout, isAtLeast, OLDEST_TEMPORAL } from '../vocabulary/temporal-server.ts';

/** Says what an older server lacks, once, at the start. It is worked with all the same. */
export async function sayWhatServerLacks(
  { workflowService }: NativeConnection,
  report: (line: string) => void,
): Promise<void> {
  const { serverVersion } = await workflowService.getSystemInfo({});
  const version = serverVersion ?? '';
  if (!isAtLeast(version, OLDEST_TEMPORAL)) {
    report(`Temporal server ${version} is older than ${OLDEST_TEMPORAL}, the oldest that is tested`);
  }
  for (const what of doneWithout(version)) report(`Temporal server ${version}: ${what}`);
}
