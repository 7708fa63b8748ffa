import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { durationMs } from '../../definitions/duration.ts';
import type { Definitions } from '../../definitions/schema.ts';
import { alertsScheduleId } from '../../vocabulary/installation.ts';
import type { ClientConnection } from '../connection.ts';
import { findSchedule } from './find-schedule.ts';

/** How late a silence, a long run or a wait may be told; each look is one short workflow. */
const LOOKS_EVERY = '1m';
/** A look that cannot end, such as one whose build is gone, would keep all others from starting. */
const LOOK_TAKES_AT_MOST = '10m';

/** What becomes of the Temporal Schedule that looks at the alerts. */
export interface WatchChange {
  kind: 'watch';
  name: 'alerts';
  change: 'added' | 'changed' | 'removed';
  fields: string[];
}

export interface WatchPlan {
  changes: WatchChange[];
  apply(): Promise<void>;
}

/** It is there as long as there are alerts: what no run tells by its end is seen by looking. */
export async function planWatch(
  connection: ClientConnection,
  alerts: Definitions['alerts'],
): Promise<WatchPlan> {
  const { installation, temporal } = connection;
  const scheduleId = alertsScheduleId(installation);
  const found = await findSchedule(temporal, scheduleId);
  const handle = temporal.schedule.getHandle(scheduleId);
  const plan = (change: WatchChange['change'], fields: string[], apply: () => Promise<void>): WatchPlan => ({
    changes: [{ kind: 'watch', name: 'alerts', change, fields }],
    apply,
  });

  if (Object.keys(alerts).length === 0) {
    if (found === null) return { changes: [], apply: async () => undefined };
    return plan('removed', ['schedule'], async () => void (await handle.delete()));
  }
  const wanted = wantedWatch(connection);
  if (found === null)
    return plan('added', ['schedule'], async () => {
      await temporal.schedule.create({ scheduleId, ...wanted });
    });
  const fields = differences(found, wanted);
  if (fields.length === 0) return { changes: [], apply: async () => undefined };
  return plan('changed', fields, async () => {
    await handle.update(() => ({ ...wanted, state: { paused: false } }));
  });
}

type Wanted = Required<Pick<ScheduleOptions, 'spec' | 'action' | 'policies'>>;

const wantedWatch = ({
  installation,
  taskQueue,
}: Pick<ClientConnection, 'installation' | 'taskQueue'>): Wanted => ({
  spec: { intervals: [{ every: durationMs(LOOKS_EVERY) }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'lookAtAlerts',
    workflowId: alertsScheduleId(installation),
    taskQueue,
    args: [{}],
    staticSummary: 'all syncs',
    workflowExecutionTimeout: durationMs(LOOK_TAKES_AT_MOST),
  },
  // What was missed, the next look sees.
  policies: { overlap: 'SKIP', catchupWindow: durationMs(LOOKS_EVERY) },
});

function differences({ action, spec, state }: ScheduleDescription, wanted: Wanted): string[] {
  const same = (['taskQueue', 'workflowType', 'workflowExecutionTimeout'] as const).every(
    (field) => action[field] === wanted.action[field],
  );
  const every = spec.intervals?.map((interval) => interval.every);
  return [
    ...(state.paused ? ['paused'] : []),
    ...(every?.length === 1 && every[0] === durationMs(LOOKS_EVERY) ? [] : ['spec']),
    ...(same ? [] : ['action']),
  ];
}
