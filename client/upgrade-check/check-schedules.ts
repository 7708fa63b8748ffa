import type { ClientConnection } from '../connection.ts';
import { listSchedules } from '../schedules/list-schedules.ts';
import { checked, type Checked } from './checked.ts';

/** Whether Temporal has the schedules that the definitions say. */
export async function checkSchedules(connection: ClientConnection): Promise<Checked> {
  const scheduled = await listSchedules(connection);
  return checked('schedules', {
    warning: scheduled
      .filter(({ drift }) => drift)
      .map(({ sync }) => `that of ${sync} is not what its definition says: \`backhaul apply\` mends it`),
    passing: [`${scheduled.length} syncs start by themselves`],
  });
}
