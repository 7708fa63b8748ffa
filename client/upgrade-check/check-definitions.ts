import { parseDefinitions } from '../../definitions/parse.ts';
import { renderDefinitions } from '../../definitions/render.ts';
import { installedDefinitions } from '../apply.ts';
import type { ClientConnection } from '../connection.ts';
import { checked, type Checked } from './checked.ts';

/** Whether this version accepts what an older one has stored. */
export async function checkDefinitions(connection: ClientConnection): Promise<Checked> {
  const installed = await installedDefinitions(connection);
  const { faults } = parseDefinitions([{ path: 'installation', text: renderDefinitions(installed) }]);
  return checked('definitions', {
    failing: faults.map(({ message }) => `this version refuses what is stored: ${message}`),
    passing: [`${Object.keys(installed.syncs).length} syncs are accepted`],
  });
}
