import type { Client, ScheduleDescription } from '@temporalio/client';
import type { Definitions } from '../../definitions/schema.ts';
import {
  forgetSchedule,
  recordSchedule,
  scheduleRecords,
  type ScheduleRecord,
} from '../../ledger/schedules.ts';
import { syncName } from '../../vocabulary/ids.ts';
import { scheduleId } from '../../vocabulary/installation.ts';
import type { ClientConnection } from '../connection.ts';
import { digestOfFound, findSchedule } from './find-schedule.ts';
import { digestOfWanted, scheduleDifferences, type ScheduleDifference } from './schedule-differences.ts';
import { wantedSchedule, type WantedSchedule } from './wanted-schedule.ts';

/** What becomes of the Temporal Schedule of a sync. */
export interface ScheduleChange {
  kind: 'schedule';
  name: string;
  change: 'added' | 'changed' | 'removed';
  fields: ScheduleDifference[];
}

export interface SchedulePlan {
  changes: ScheduleChange[];
  apply(): Promise<void>;
}

const BY_DEFINITION = 'paused: true in the definition';

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
      for (const { carryOut } of needed) await carryOut();
    },
  };
}

interface Step {
  change: ScheduleChange;
  carryOut: () => Promise<void>;
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
    carryOut: () => Promise<void>,
  ): Step => ({ change: { kind: 'schedule', name, change, fields }, carryOut });

  if (wanted === null) {
    return step('removed', ['definition'], async () => {
      if (found !== null) await temporal.schedule.getHandle(id).delete();
      await forgetSchedule(ledger.db, name);
    });
  }
  const paused = sync?.paused ?? false;
  const digest = digestOfWanted(wanted, paused);
  const fields = scheduleDifferences(digest, found, record);
  if (found !== null && fields.length === 0) return null;
  return step(found === null && record?.wanted == null ? 'added' : 'changed', fields, async () => {
    await bring(temporal, wanted, found, { paused, record });
    const now = await temporal.schedule.getHandle(id).describe();
    await recordSchedule(ledger.db, {
      sync: name,
      wanted: digest,
      found: digestOfFound(now),
      pausedByDefinition: paused,
    });
  });
}

async function bring(
  temporal: Client,
  { scheduleId: id, ...wanted }: WantedSchedule,
  found: ScheduleDescription | null,
  { paused, record }: { paused: boolean; record: ScheduleRecord | undefined },
): Promise<void> {
  const held = record?.held ?? false;
  if (found === null) {
    const state = paused || held ? { paused: true, ...(paused && { note: BY_DEFINITION }) } : {};
    await temporal.schedule.create({ scheduleId: id, ...wanted, state });
    return;
  }
  // Paused by a person, here or at Temporal: a new definition does not set it going.
  const heldThere = found.state.paused && !(record?.paused_by_definition ?? false);
  const note = paused ? BY_DEFINITION : heldThere || held ? found.state.note : undefined;
  await temporal.schedule.getHandle(id).update(() => ({
    ...wanted,
    state: { paused: paused || held || heldThere, ...(note !== undefined && { note }) },
  }));
}
