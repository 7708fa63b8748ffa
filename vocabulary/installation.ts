import type { SyncName } from './ids.ts';

export const DEFAULT_INSTALLATION = 'default';
export const DEFAULT_TASK_QUEUE = 'backhaul';

/** An installation other than `default` prefixes what it shares with others: workflow ids and the task queue. */
export const inInstallation = (installation: string, name: string): string =>
  installation === DEFAULT_INSTALLATION ? name : `${installation}/${name}`;

/** Temporal allows one open workflow an id: this is what keeps a sync to one run at a time. */
export const syncWorkflowId = (installation: string, sync: SyncName): string =>
  inInstallation(installation, `sync/${sync}`);

/** The sync whose run a workflow is; undefined when it is something else. */
export function syncOfWorkflow(installation: string, workflowId: string): string | undefined {
  const prefix = inInstallation(installation, 'sync/');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : undefined;
}

export const scheduleId = (installation: string, sync: SyncName): string =>
  inInstallation(installation, `schedule/${sync}`);

/** One write-back of a run at a time. */
export const writebackWorkflowId = (installation: string, run: string): string =>
  inInstallation(installation, `writeback/${run}`);

/** One look at the alerts for each run that ends. */
export const alertsWorkflowId = (installation: string, run: string): string =>
  inInstallation(installation, `alerts/${run}`);

/** The schedule that looks at the alerts, and the id that its workflows begin with. */
export const alertsScheduleId = (installation: string): string => inInstallation(installation, 'alerts');

export const notificationWorkflowId = (installation: string, notification: string): string =>
  inInstallation(installation, `notify/${notification}`);

/** Holds, at a workflow, what it was started with: a start with the same goes along with it. */
export const ARGUMENTS_MEMO = 'backhaulArguments';
