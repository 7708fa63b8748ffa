import { z } from 'zod';
import {
  postgresConnectionSchema,
  resolvedPostgresConnectionSchema,
  type ResolvedPostgresConnection,
} from './postgres-connection.ts';
import {
  resolvedSegmentConnectionSchema,
  segmentConnectionSchema,
  type ResolvedSegmentConnection,
} from './segment-connection.ts';

/** The schema of each type, as it is written and as it is once its references are resolved. */
export const connectionSchemas = {
  postgres: { written: postgresConnectionSchema, resolved: resolvedPostgresConnectionSchema },
  segment: { written: segmentConnectionSchema, resolved: resolvedSegmentConnectionSchema },
} as const;
export type ConnectionType = keyof typeof connectionSchemas;

export const isConnectionType = (type: string): type is ConnectionType =>
  Object.hasOwn(connectionSchemas, type);

/** Promised by the interface, and refused until they are built. */
export const unavailableConnectionTypes: readonly string[] = [
  'redshift',
  'bigquery',
  'snowflake',
  'databricks',
  'elasticsearch',
  'google_sheets',
  'rockset',
];

export const connectionSchema = z.discriminatedUnion('type', [
  postgresConnectionSchema,
  segmentConnectionSchema,
]);
export type ConnectionDefinition = z.output<typeof connectionSchema>;
export type WarehouseConnection = Exclude<ConnectionDefinition, { type: 'segment' }>;

export type ResolvedConnection = ResolvedPostgresConnection | ResolvedSegmentConnection;
export type ResolvedWarehouseConnection = Exclude<ResolvedConnection, { type: 'segment' }>;
