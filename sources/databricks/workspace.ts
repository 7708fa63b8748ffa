import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';

/** The domains of workspaces, by cloud: those that databricks-sdk knows as well (databricks/sdk/environments.py). */
const WORKSPACES = [
  '*.cloud.databricks.com',
  '*.cloud.databricks.us',
  '*.cloud.databricks.mil',
  '*.azuredatabricks.net',
  '*.databricks.azure.us',
  '*.databricks.azure.cn',
  '*.gcp.databricks.com',
];

/** The origin of a workspace, from its host as the console shows it, with or without `https://`. */
export function workspaceOrigin(connection: string, host: string, allowed: readonly string[]): string {
  const address = host.includes('://') ? host : `https://${host}`;
  if (!URL.canParse(address)) {
    throw new BackhaulError('source_host_unknown', `connection ${connection}, host`);
  }
  return allowedEndpoint({ connection, field: 'host' }, address, WORKSPACES, allowed).origin;
}
