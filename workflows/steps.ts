import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, RecordPage, RecordRun } from '../activities/create-activities.ts';
import { NOTIFICATION_PATIENCE_MS, NOTIFICATION_TRIES_APART_MS } from '../vocabulary/alert.ts';

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/**
 * What is transient is retried for as long as the limits of the sync say, so attempts are not counted; a worker that died is
 * noticed by its missing heartbeat; and a step is told to stop and waited for, since it writes outside.
 */
const long: ActivityOptions = {
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '20s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry,
};
const short: ActivityOptions = {
  startToCloseTimeout: '15s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry,
};

/** Nobody waits for it, and it is not worth a long effort. */
const besides: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  retry: { ...retry, maximumAttempts: 10 },
};

/** The same for what may take long: nobody waits for it either, and it is given up some time. */
const longBesides: ActivityOptions = {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '20s',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { ...retry, maximumInterval: '5 minutes', maximumAttempts: 20 },
};

const telling: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: NOTIFICATION_PATIENCE_MS,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: NOTIFICATION_TRIES_APART_MS },
};

export const { reconcile, lookAtAlerts } = proxyActivities<Activities>(besides);
export const { notify } = proxyActivities<Activities>(telling);
export const { writeBack } = proxyActivities<Activities>(longBesides);
export const {
  validateConnection,
  runModel,
  paginate,
  map,
  sendBatch,
  settleRun,
  previewModel,
  recapRun,
  recapSync,
  endRecap,
} = proxyActivities<Activities>(long);
export const { recordResult: recordPage } = proxyActivities<{ recordResult: RecordPage }>(long);
export const { recordResult: recordRun } = proxyActivities<{ recordResult: RecordRun }>(long);
export const {
  openRun,
  recordStatus,
  recordSkipped,
  recordDecision,
  remindOfApproval,
  findFollowers,
  findWriteback,
  recordWritebackFailure,
  recordUndelivered,
  measureProgress,
} = proxyActivities<Activities>(short);
