import type { Definitions } from '../../definitions/schema.ts';
import { forgetSchedule, scheduleRecords, type ScheduleRecord } from '../../ledger/schedules.ts';
import { syncName } from '../../vocabulary/ids.ts';
import { scheduleId } from '../../vocabulary/installation.ts';
import type { ClientConnection } from '../connection.ts';
import { bringSchedule, type Refused } from './bring-schedule.ts';
import { findSchedule } from './find-schedule.ts';
import { digestOfWanted, scheduleDifferences, type ScheduleDifference } from './schedule-differences.ts';
import { wantedSchedule } from './wanted-schedule.ts';

/** What becomes of the Temporal Schedule of a sync. */
export interface ScheduleChange {
  kind: 'schedule';
  name: string;
  change: 'added' | 'changed' | 'removed';
  fields: ScheduleDifference[];
}

export interface SchedulePlan {
  changes: ScheduleChange[];
  /** Carries out all that Temporal takes, and tells what it refuses. */
  apply(): Promise<Refused[]>;
}

/** Of one schedule: others wait for one who applies, and a Temporal that does not answer may not keep them for longer. */
const STEP_TIMEOUT_MS = 30_000;

/** Compares what the syncs want of Temporal with what it has. */
export async function planSchedules(
  connection: ClientConnection,
  syncs: Definitions['syncs'],
): Promise<SchedulePlan> {
  const records = new Map(
    (await scheduleRecords(connection.ledger.db)).map((record) => [record.sync, record]),
  );
  const names = new Set([
    ...Object.keys(syncs).filter((name) => syncs[name]?.schedule !== undefined),
    ...[...records.values()].flatMap(({ sync, wanted }) => (wanted === null ? [] : [sync])),
  ]);
  const steps = await Promise.all(
    [...names].sort().map((name) => stepOf(connection, name, syncs[name], records.get(name))),
  );
  const needed = steps.flatMap((step) => (step === null ? [] : [step]));
  return {
    changes: needed.map(({ change }) => change),
    async apply() {
      const refused: Refused[] = [];
      for (const { carryOut } of needed) {
        const refusal = await connection.temporal.withDeadline(Date.now() + STEP_TIMEOUT_MS, carryOut);
        if (refusal !== null) refused.push(refusal);
      }
      return refused;
    },
  };
}

interface Step {
  change: ScheduleChange;
  carryOut: () => Promise<Refused | null>;
}

async function stepOf(
  connection: ClientConnection,
  name: string,
  sync: Definitions['syncs'][string] | undefined,
  record: ScheduleRecord | undefined,
): Promise<Step | null> {
  const { installation, ledger, temporal } = connection;
  const id = scheduleId(installation, syncName(name));
  const found = await findSchedule(temporal, id);
  const wanted = sync === undefined ? null : wantedSchedule(connection, name, sync);
  const step = (
    change: ScheduleChange['change'],
    fields: ScheduleChange['fields'],
    carryOut: Step['carryOut'],
  ): Step => ({ change: { kind: 'schedule', name, change, fields }, carryOut });

  if (wanted === null) {
    return step('removed', ['definition'], async () => {
      if (found !== null) await temporal.schedule.getHandle(id).delete();
      await forgetSchedule(ledger.db, name);
      return null;
    });
  }
  const paused = sync?.paused ?? false;
  const digest = digestOfWanted(wanted, paused);
  const fields = scheduleDifferences(digest, found, { record, paused });
  if (found !== null && fields.length === 0) return null;
  const isThere = found !== null;
  const isNew = !isThere && (record?.wanted ?? '') === '';
  return step(isNew ? 'added' : 'changed', fields, () =>
    bringSchedule(connection, { sync: name, wanted, digest, paused, isThere, record }),
  );
}
