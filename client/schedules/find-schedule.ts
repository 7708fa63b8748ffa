import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { digestDefinition } from '../../definitions/difference.ts';

/** Null: Temporal has none of that id. */
export async function findSchedule(temporal: Client, id: string): Promise<ScheduleDescription | null> {
  try {
    return await temporal.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** Of all that Temporal keeps of what it was given, whether it is paused left out. */
export const digestOfFound = ({ action, policies, spec }: ScheduleDescription): string =>
  digestDefinition({ action, policies, spec });
