import type { z } from 'zod';
import { bigQueryConnection } from './bigquery-connection.ts';
import type { Fields } from './checked.ts';
import type { connectionTypes } from './connection-types.ts';
import { databricksConnection } from './databricks-connection.ts';
import { elasticsearchConnection } from './elasticsearch-connection.ts';
import { googleSheetsConnection } from './google-sheets-connection.ts';
import type { Finding } from './issues.ts';
import { mysqlConnection } from './mysql-connection.ts';
import { postgresConnection } from './postgres-connection.ts';
import type { Reaching } from './reach.ts';
import { redshiftConnection } from './redshift-connection.ts';
import { rocksetConnection } from './rockset-connection.ts';
import { segmentConnection } from './segment-connection.ts';
import { slackConnection } from './slack-connection.ts';
import { snowflakeConnection } from './snowflake-connection.ts';
import { webhookConnection } from './webhook-connection.ts';

/** What a type of connection is made of. */
export interface ConnectionSchemas {
  /** As it is written and stored. */
  written: z.ZodObject;
  /** With its references resolved: only in the memory of a worker. */
  resolved: z.ZodObject;
  /** What a schema cannot say: fields that need or exclude each other. */
  check?: (fields: Fields, title: string) => Finding[];
  /** What a model over it may say that it reads. */
  models: readonly ModelForm[];
}

/** sql (also sqlFile), a whole table, documents of an index, a range of a sheet. */
export type ModelForm = 'sql' | 'table' | 'index' | 'spreadsheet';

export const connectionSchemas = {
  postgres: postgresConnection,
  redshift: redshiftConnection,
  bigquery: bigQueryConnection,
  snowflake: snowflakeConnection,
  databricks: databricksConnection,
  elasticsearch: elasticsearchConnection,
  google_sheets: googleSheetsConnection,
  mysql: mysqlConnection,
  rockset: rocksetConnection,
  segment: segmentConnection,
  webhook: webhookConnection,
  slack: slackConnection,
} as const satisfies Record<(typeof connectionTypes)[number], ConnectionSchemas>;
export type ConnectionType = keyof typeof connectionSchemas;

/** Those that alerts are told to. */
export const channelTypes = ['webhook', 'slack'] as const;
export type ChannelType = (typeof channelTypes)[number];
export type WarehouseType = Exclude<ConnectionType, 'segment' | ChannelType>;

export const isChannelType = (type: ConnectionType): type is ChannelType =>
  (channelTypes as readonly ConnectionType[]).includes(type);
export const isWarehouseType = (type: ConnectionType): type is WarehouseType =>
  type !== 'segment' && !isChannelType(type);

/** The same, where it does not matter which type it is. */
export const schemasOf = (type: ConnectionType): ConnectionSchemas => connectionSchemas[type];

/** The fields of a type as they are written, without `type` itself. */
export function writtenFields(type: ConnectionType): Map<string, z.ZodType> {
  const shape = schemasOf(type).written.shape as Record<string, z.ZodType>;
  return new Map(Object.entries(shape).filter(([field]) => field !== 'type'));
}

export const isConnectionType = (type: string): type is ConnectionType =>
  Object.hasOwn(connectionSchemas, type);

type Written<Type extends ConnectionType> = z.output<(typeof connectionSchemas)[Type]['written']>;
type Resolved<Type extends ConnectionType> = z.output<(typeof connectionSchemas)[Type]['resolved']>;

/** As it is stored. */
export type Origin = {
  /** It came by the HTTP API: a worker then looks at each address that it leads to. Absent: by somebody with access to the ledger. */
  origin?: 'api';
};

export type ConnectionDefinition = { [Type in ConnectionType]: Written<Type> & Origin }[ConnectionType];
export type WarehouseConnection = Extract<ConnectionDefinition, { type: WarehouseType }>;

/** A warehouse with its references resolved: only in the memory of a worker. */
export type ResolvedWarehouseConnection = {
  [Type in WarehouseType]: Resolved<Type> & Reaching;
}[WarehouseType];

/** What alerts are told to, with its references resolved. */
export type ResolvedChannelConnection = { [Type in ChannelType]: Resolved<Type> & Reaching }[ChannelType];
