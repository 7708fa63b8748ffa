import { z } from 'zod';
import type { Fields } from './checked.ts';
import { durationField, orReference, textField } from './fields.ts';
import { oneWayIn } from './one-way-in.ts';

const DEFAULT_STATEMENT_TIMEOUT = '1h';
const statementTimeout = durationField(DEFAULT_STATEMENT_TIMEOUT, { text: '7d', ms: 7 * 24 * 3_600_000 });

const textFields = {
  host: textField('the host of the workspace, such as dbc-a1b2345c-d6e7.cloud.databricks.com'),
  warehouse: textField('the id of a SQL warehouse, the last part of its HTTP path'),
  token: textField('${DATABRICKS_TOKEN}').optional(),
  clientId: textField('the application id of a service principal').optional(),
  clientSecret: textField('${DATABRICKS_CLIENT_SECRET}').optional(),
  catalog: textField('the catalog of tables that a model names without one').optional(),
  schema: textField('the schema of tables that a model names without one').optional(),
};

const written = z.strictObject({
  type: z.literal('databricks'),
  ...textFields,
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
});

const resolved = z.strictObject({ type: z.literal('databricks'), ...textFields, statementTimeout });
export type ResolvedDatabricksConnection = z.output<typeof resolved>;

export const databricksConnection = {
  written,
  resolved,
  check: (fields: Fields, title: string) =>
    oneWayIn(fields, title, [['token'], ['clientId', 'clientSecret']]),
  models: ['sql', 'table'],
} as const;
