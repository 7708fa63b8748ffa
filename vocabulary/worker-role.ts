/**
 * What a worker can be limited to. `plan`: what reads the warehouse or works in DuckDB. `send`: what maps pages and posts them to
 * Segment. Workflows and the short steps of the ledger are done by every worker.
 */
export const workerRoles = ['plan', 'send'] as const;
export type WorkerRole = (typeof workerRoles)[number];

/** The task queue that workers of a role poll beside that of the installation. */
export const roleQueue = (taskQueue: string, role: WorkerRole): string => `${taskQueue}/${role}`;
