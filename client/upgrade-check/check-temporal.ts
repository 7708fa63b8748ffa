import { doneWithout, isAtLeast, OLDEST_TEMPORAL } from '../../vocabulary/temporal-server.ts';
import type { ClientConnection } from '../connection.ts';
import { checked, type Checked } from './checked.ts';

/** Whether the server is one that this version works with, and what it has to do without there. */
export async function checkTemporal({ temporal }: ClientConnection): Promise<Checked> {
  const { serverVersion } = await temporal.workflowService.getSystemInfo({});
  const version = serverVersion ?? '';
  return checked('temporal', {
    failing: isAtLeast(version, OLDEST_TEMPORAL)
      ? []
      : [`server ${version} is older than ${OLDEST_TEMPORAL}, the oldest that is supported`],
    warning: doneWithout(version).map((what) => `server ${version}: ${what}`),
    passing: [`server ${version === '' ? 'of an unknown version' : version}`],
  });
}
