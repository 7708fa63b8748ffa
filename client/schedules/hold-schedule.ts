import { holdSchedule as recordHold } from '../../ledger/schedules.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { syncName } from '../../vocabulary/ids.ts';
import { scheduleId } from '../../vocabulary/installation.ts';
import { installedDefinitions } from '../apply.ts';
import type { ClientConnection } from '../connection.ts';
import { findSchedule } from './find-schedule.ts';
import { holdAtTemporal } from './hold-at-temporal.ts';

/**
 * Pauses what starts a sync by itself, or lets it go on. A run that is going on is not touched.
 *
 * @throws sync_not_found, schedule_not_found, schedule_paused_by_definition
 */
export async function holdSchedule(connection: ClientConnection, sync: string, held: boolean): Promise<void> {
  const { installation, ledger, temporal } = connection;
  const { syncs } = await installedDefinitions(connection);
  const definition = Object.hasOwn(syncs, sync) ? syncs[sync] : undefined;
  if (definition === undefined) throw new BackhaulError('sync_not_found', sync);
  if (definition.schedule === undefined && definition.after === undefined) {
    throw new BackhaulError('schedule_not_found', `sync ${sync}`);
  }
  if (!held && definition.paused) throw new BackhaulError('schedule_paused_by_definition', `sync ${sync}`);
  await recordHold(ledger.db, sync, held);
  const id = scheduleId(installation, syncName(sync));
  if (definition.schedule === undefined || (await findSchedule(temporal, id)) === null) return;
  await holdAtTemporal(temporal.schedule.getHandle(id), held);
}
