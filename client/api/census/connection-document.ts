import type { ConnectionDefinition } from '../../../definitions/connection.ts';
import { objectNames } from '../../../definitions/objects.ts';
import { idOf, type Catalog } from './catalog.ts';

/** What Census calls a type of ours otherwise. */
const typesOfCensus: Partial<Record<ConnectionDefinition['type'], string>> = { bigquery: 'big_query' };

/** A warehouse in Census's words. How it is reached is nobody's business here. */
export const censusSource = (catalog: Catalog, name: string, { type }: ConnectionDefinition) => ({
  id: idOf(catalog, 'connections', name),
  name,
  label: name,
  type: typesOfCensus[type] ?? type,
  last_test_succeeded: null,
  last_tested_at: null,
  connection_details: {},
  read_only_connection: true,
});

/** A Segment connection in Census's words. */
export const censusDestination = (catalog: Catalog, name: string, connection: ConnectionDefinition) => ({
  id: idOf(catalog, 'connections', name),
  name,
  type: 'segment',
  last_test_succeeded: null,
  last_tested_at: null,
  connection_details: 'region' in connection ? { region: connection.region } : {},
  objects: objectNames.map((object) => ({
    label: `${object.charAt(0).toUpperCase()}${object.slice(1)}`,
    full_name: object,
    allow_custom_fields: true,
    allow_case_sensitive_field_names: true,
  })),
});
