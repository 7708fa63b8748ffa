import { ServiceError, type Client } from '@temporalio/client';
import { GRPC, grpcStatus } from '../../definitions/grpc-status.ts';
import { isHeld, recordIntent, recordSchedule, type ScheduleRecord } from '../../ledger/schedules.ts';
import type { ClientConnection } from '../connection.ts';
import { digestOfFound } from './find-schedule.ts';
import { holdAtTemporal } from './hold-at-temporal.ts';
import type { WantedSchedule } from './wanted-schedule.ts';

const BY_DEFINITION = 'paused: true in the definition';

/** Temporal does not take the schedule of a sync: `refusal` says why, in its words. */
export interface Refused {
  sync: string;
  refusal: string;
}

export interface ScheduleToBring {
  sync: string;
  wanted: WantedSchedule;
  /** Of `wanted`. */
  digest: string;
  /** Whether the definition pauses it. */
  paused: boolean;
  /** Whether Temporal has one already. */
  isThere: boolean;
  record: ScheduleRecord | undefined;
}

/** Gives Temporal a schedule, and notes what it got. Whether it is paused is looked at then and there: a person may just have done it. */
export async function bringSchedule(
  { ledger, temporal }: ClientConnection,
  { digest, isThere, paused, record, sync, wanted }: ScheduleToBring,
): Promise<Refused | null> {
  const handle = temporal.schedule.getHandle(wanted.scheduleId);
  await recordIntent(ledger.db, { sync, pausedByDefinition: paused });
  const held = await isHeld(ledger.db, sync);
  const refusal = await refusalOf(() =>
    isThere
      ? change(temporal, wanted, { paused, held, wasByDefinition: record?.paused_by_definition ?? false })
      : temporal.schedule.create({
          ...wanted,
          state: { paused: paused || held, ...(paused && { note: BY_DEFINITION }) },
        }),
  );
  if (refusal !== null) return { sync, refusal };
  // `backhaul pause` and `resume` do not wait: one that came in between was overwritten.
  const heldNow = await isHeld(ledger.db, sync);
  if (heldNow !== held && !paused) await holdAtTemporal(handle, heldNow);
  await recordSchedule(ledger.db, {
    sync,
    wanted: digest,
    found: digestOfFound(await handle.describe()),
    pausedByDefinition: paused,
  });
  return null;
}

const change = (
  temporal: Client,
  { scheduleId, ...wanted }: WantedSchedule,
  { held, paused, wasByDefinition }: { paused: boolean; held: boolean; wasByDefinition: boolean },
): Promise<void> =>
  temporal.schedule.getHandle(scheduleId).update(({ state }) => {
    // Paused by a person, here or at Temporal: a new definition does not set it going.
    const heldThere = state.paused && !wasByDefinition;
    const note = paused ? BY_DEFINITION : heldThere || held ? state.note : undefined;
    return {
      ...wanted,
      state: { paused: paused || held || heldThere, ...(note !== undefined && { note }) },
    };
  });

/** Null: Temporal has taken it. A schedule holds no secret, so what Temporal says of one may be told. */
async function refusalOf(give: () => Promise<unknown>): Promise<string | null> {
  try {
    await give();
    return null;
  } catch (error) {
    // So the SDK tells of an invalid spec.
    if (error instanceof TypeError) return error.message;
    if (error instanceof ServiceError && grpcStatus(error) === GRPC.INVALID_ARGUMENT)
      return String((error.cause as { details?: unknown }).details);
    throw error;
  }
}
