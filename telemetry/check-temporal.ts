import type { WorkflowService } from '@temporalio/client';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** Temporal answers, and has the namespace: what both a client's and a worker's connection can ask. */
export async function checkTemporal(
  service: Pick<WorkflowService, 'describeNamespace'>,
  namespace: string,
): Promise<void> {
  try {
    await service.describeNamespace({ namespace });
  } catch (error) {
    throw new BackhaulError('temporal_unreachable', `namespace ${namespace}`, { cause: error });
  }
}
