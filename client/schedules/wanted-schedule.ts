import type { ScheduleOptions } from '@temporalio/client';
import { cronsForTemporal } from '../../definitions/cron.ts';
import { catchupMs, type ScheduleDefinition } from '../../definitions/schedule.ts';
import { durationMs } from '../../definitions/duration.ts';
import type { SyncDefinition } from '../../definitions/sync.ts';
import { syncName } from '../../vocabulary/ids.ts';
import { inInstallation, scheduleId } from '../../vocabulary/installation.ts';
import type { ScheduledSyncInput } from '../../workflows/scheduled-sync.ts';

/** All of a Temporal Schedule but its state: whether it is paused is also a person's to say. */
export type WantedSchedule = Required<Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'action' | 'policies'>>;

export interface ScheduleOwner {
  installation: string;
  /** With the installation's prefix. */
  taskQueue: string;
}

/** What Temporal is to have for a sync; null when it starts by no clock. */
export function wantedSchedule(
  { installation, taskQueue }: ScheduleOwner,
  sync: string,
  { schedule }: Pick<SyncDefinition, 'schedule'>,
): WantedSchedule | null {
  if (schedule === undefined) return null;
  const input: ScheduledSyncInput = { sync, installation };
  return {
    scheduleId: scheduleId(installation, syncName(sync)),
    spec: specOf(schedule),
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledSync',
      // Temporal adds the time to it.
      workflowId: inInstallation(installation, `scheduled/${sync}`),
      taskQueue,
      args: [input],
      staticSummary: sync,
    },
    policies: {
      // The child has the sync's own id: a start that finds it busy records that, and is not dropped unseen.
      overlap: 'ALLOW_ALL',
      catchupWindow: catchupMs(schedule),
    },
  };
}

function specOf({ cron, every, jitter, timezone }: ScheduleDefinition): ScheduleOptions['spec'] {
  const times =
    cron === undefined
      ? { intervals: [{ every: durationMs(every ?? '') }] }
      : { cronExpressions: cronsForTemporal(cron), timezone: timezone ?? 'UTC' };
  return jitter === undefined ? times : { ...times, jitter: durationMs(jitter) };
}
