import { workflowInfo } from '@temporalio/workflow';
import { roleQueue, type WorkerRole } from '../vocabulary/worker-role.ts';

/** Options of a step that workers of a role do, when what it belongs to leaves its steps to roles; else any worker does it. */
export const forRole = (
  { roles }: { roles?: boolean | undefined },
  role: WorkerRole,
): { taskQueue?: string } => (roles === true ? { taskQueue: roleQueue(workflowInfo().taskQueue, role) } : {});
