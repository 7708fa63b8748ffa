import type { ScheduleDefinition } from '../../definitions/schedule.ts';
import { scheduleRecords } from '../../ledger/schedules.ts';
import { syncName } from '../../vocabulary/ids.ts';
import { scheduleId } from '../../vocabulary/installation.ts';
import { installedDefinitions } from '../apply.ts';
import type { ClientConnection } from '../connection.ts';
import { findSchedule } from './find-schedule.ts';
import { digestOfWanted, scheduleDifferences } from './schedule-differences.ts';
import { wantedSchedule } from './wanted-schedule.ts';

/** When a sync starts by itself. */
export interface ScheduledSync {
  sync: string;
  schedule: ScheduleDefinition | null;
  /** Syncs whose completion starts it. */
  after: string[];
  paused: boolean;
  /** Times of the next starts, ISO 8601; none while it is paused at Temporal. */
  next: string[];
  /** Of the last start by the schedule; null: there was none. */
  last: string | null;
  /** What Temporal has is not what the definitions say: `backhaul apply` mends it. */
  drift: boolean;
}

const NEXT_SHOWN = 3;

/** The syncs that start by themselves, as Temporal has them. */
export async function listSchedules(connection: ClientConnection): Promise<ScheduledSync[]> {
  const { installation, ledger, temporal } = connection;
  const { syncs } = await installedDefinitions(connection);
  const records = new Map((await scheduleRecords(ledger.db)).map((record) => [record.sync, record]));
  const starting = Object.entries(syncs)
    .filter(([, { after, schedule }]) => schedule !== undefined || after !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Promise.all(
    starting.map(async ([name, sync]): Promise<ScheduledSync> => {
      const record = records.get(name);
      const wanted = wantedSchedule(connection, name, sync);
      const found =
        wanted === null ? null : await findSchedule(temporal, scheduleId(installation, syncName(name)));
      const paused = sync.paused || (record?.held ?? false) || (found?.state.paused ?? false);
      return {
        sync: name,
        schedule: sync.schedule ?? null,
        after: sync.after ?? [],
        paused,
        next: (found?.state.paused === false ? found.info.nextActionTimes : [])
          .slice(0, NEXT_SHOWN)
          .map((time) => time.toISOString()),
        last: found?.info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
        drift:
          wanted !== null &&
          (found === null ||
            scheduleDifferences(digestOfWanted(wanted, sync.paused), found, { record, paused: sync.paused })
              .length > 0),
      };
    }),
  );
}
