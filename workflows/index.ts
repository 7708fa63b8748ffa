/** The workflow types that a worker hosts. */
export { syncRun } from './sync-run.ts';
export { checkConnection } from './check-connection.ts';
export { afterRun } from './after-run.ts';
export { syncRecap } from './sync-recap.ts';
export { preview } from './preview.ts';
export { scheduledSync } from './scheduled-sync.ts';
export { writeBack } from './write-back.ts';
export { lookAtAlerts, notify } from './alerts.ts';
