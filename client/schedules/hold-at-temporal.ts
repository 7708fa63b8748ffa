import type { ScheduleHandle } from '@temporalio/client';

/** A person has said so; the note is what Temporal's UI shows. */
export const holdAtTemporal = (handle: ScheduleHandle, held: boolean): Promise<void> =>
  held ? handle.pause('paused by `backhaul pause`') : handle.unpause('resumed by `backhaul resume`');
