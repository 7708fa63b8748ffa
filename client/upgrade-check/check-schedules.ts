import type { ClientConnection } from '../connection.ts';
import { installedDefinitions } from '../apply.ts';
import { listSchedules } from '../schedules/list-schedules.ts';
import { planWatch } from '../schedules/watch-alerts.ts';
import { checked, type Checked } from './checked.ts';

/** Whether Temporal has the schedules that the definitions say. */
export async function checkSchedules(connection: ClientConnection): Promise<Checked> {
  const scheduled = await listSchedules(connection);
  const { alerts } = await installedDefinitions(connection);
  const { changes } = await planWatch(connection, alerts);
  return checked('schedules', {
    warning: [
      ...scheduled
        .filter(({ drift }) => drift)
        .map(({ sync }) => `that of ${sync} is not what its definition says: \`backhaul apply\` mends it`),
      ...changes.map(
        ({ fields }) =>
          `that of the alerts is not as they need it (${fields.join(', ')}): \`backhaul apply\` mends it`,
      ),
    ],
    passing: [`${scheduled.length} syncs start by themselves`],
  });
}
