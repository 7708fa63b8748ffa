import { checkConnection } from '../../definitions/check-connection.ts';
import {
  isWarehouseType,
  type ConnectionDefinition,
  type ResolvedWarehouseConnection,
  type WarehouseConnection,
} from '../../definitions/connection.ts';
import { resolveConnection } from '../../definitions/references.ts';
import type { ConnectionChange } from './subject.ts';

/** Through the same checks as a definition file. A field that is undefined is not written. */
export function resolvedConnection(type: string, connection: ConnectionChange): ResolvedWarehouseConnection {
  const written = Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined));
  const { definition, findings } = checkConnection('warehouse', written);
  if (definition === null || !isWarehouse(definition)) {
    throw new Error(`the ${type} connection is not sound: ${JSON.stringify(findings)}`);
  }
  return resolveConnection('warehouse', definition);
}

const isWarehouse = (definition: ConnectionDefinition): definition is WarehouseConnection =>
  isWarehouseType(definition.type);
