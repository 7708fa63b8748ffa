import type { ScheduleDescription } from '@temporalio/client';
import { digestDefinition } from '../../definitions/difference.ts';
import type { ScheduleRecord } from '../../ledger/schedules.ts';
import { digestOfFound } from './find-schedule.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

/** `definition`: it says something else now. `drift`: somebody changed or removed it at Temporal. */
export type ScheduleDifference = 'definition' | 'drift';

/** Of all that a definition says of a schedule. */
export const digestOfWanted = (wanted: WantedSchedule, paused: boolean): string =>
  digestDefinition({ wanted, paused });

/** Why Temporal has another schedule than the definition; none: it has that one. */
export function scheduleDifferences(
  digest: string,
  found: ScheduleDescription | null,
  { record, paused }: { record: ScheduleRecord | undefined; paused: boolean },
): ScheduleDifference[] {
  // Paused by the definition or by `backhaul pause`, and going on at Temporal: somebody has resumed it there.
  const isResumed = (paused || (record?.held ?? false)) && found?.state.paused === false;
  const isKept = found !== null && digestOfFound(found) === record?.found && !isResumed;
  return [
    ...(record?.wanted === digest ? [] : (['definition'] as const)),
    ...(record?.found == null || isKept ? [] : (['drift'] as const)),
  ];
}
