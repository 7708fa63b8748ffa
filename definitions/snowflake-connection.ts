import { z } from 'zod';
import type { Fields } from './checked.ts';
import { durationField, orReference, textField, webUrlField } from './fields.ts';
import { oneWayIn } from './one-way-in.ts';

const DEFAULT_STATEMENT_TIMEOUT = '1h';
/** STATEMENT_TIMEOUT_IN_SECONDS goes up to seven days. */
const statementTimeout = durationField(DEFAULT_STATEMENT_TIMEOUT, { text: '7d', ms: 7 * 24 * 3_600_000 });
const accessUrl = webUrlField('https://myorg-myaccount.snowflakecomputing.com');

const textFields = {
  account: textField('the account identifier, such as myorg-myaccount'),
  user: textField('the name of a user who may read'),
  password: textField('${SNOWFLAKE_PASSWORD}').optional(),
  privateKey: textField('${file:/path/rsa_key.p8}').optional(),
  privateKeyPassphrase: textField('${SNOWFLAKE_KEY_PASSPHRASE}').optional(),
  oauthToken: textField('${SNOWFLAKE_OAUTH_TOKEN}').optional(),
  accessToken: textField('${SNOWFLAKE_ACCESS_TOKEN}, a programmatic access token').optional(),
  warehouse: textField('the name of a virtual warehouse'),
  database: textField('the name of a database').optional(),
  schema: textField('the name of a schema').optional(),
  role: textField('the name of a role that may read').optional(),
  queryTag: textField('a text that the query history shows').optional(),
};

const written = z.strictObject({
  type: z.literal('snowflake'),
  ...textFields,
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
  accessUrl: orReference(accessUrl).optional(),
});

const resolved = z.strictObject({
  type: z.literal('snowflake'),
  ...textFields,
  statementTimeout,
  accessUrl: accessUrl.optional(),
});
export type ResolvedSnowflakeConnection = z.output<typeof resolved>;

export const snowflakeConnection = {
  written,
  resolved,
  check: (fields: Fields, title: string) =>
    oneWayIn(fields, title, [['privateKey'], ['accessToken'], ['oauthToken'], ['password']]),
  models: ['sql', 'table'],
} as const;
