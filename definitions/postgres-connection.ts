import { z } from 'zod';
import type { Fields } from './checked.ts';
import {
  booleanField,
  choiceField,
  durationField,
  numberFromText,
  orReference,
  textField,
  wholeNumberField,
} from './fields.ts';
import { urlOrParts, type UrlOrParts } from './url-or-parts.ts';
import type { Reaching } from './reach.ts';

/** libpq's names and meanings: https://www.postgresql.org/docs/current/libpq-ssl.html */
export const sslmodes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const DEFAULT_STATEMENT_TIMEOUT = '1h';

/** PostgreSQL keeps statement_timeout as a signed 32-bit number of milliseconds. */
export const statementTimeout = durationField(DEFAULT_STATEMENT_TIMEOUT, { text: '24d', ms: 2_147_483_647 });
export const POSTGRES_URL: UrlOrParts = {
  pattern: /^postgres(ql)?:\/\//,
  begins: 'postgres:// or postgresql://',
  example: 'postgres://user@host:5432/database',
};

const port = wholeNumberField(1, 65_535, 5432);
const sslmode = choiceField(sslmodes);

const textFields = {
  url: textField('postgres://user@host:5432/database, or ${WAREHOUSE_URL}').optional(),
  host: textField('the name or address of the server').optional(),
  database: textField('the name of the database').optional(),
  user: textField('the name of a user who may read').optional(),
  password: textField('${WAREHOUSE_PASSWORD}').optional(),
  sslrootcert: textField('the path of a PEM file, or ${file:/path}').optional(),
  searchPath: textField('schemas parted by commas, such as app, public').optional(),
};

/** As it is written and stored. Either `url`, or `host`, `database` and `user`. */
const written = z.strictObject({
  type: z.literal('postgres'),
  ...textFields,
  port: orReference(port).optional(),
  sslmode: orReference(sslmode).optional(),
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
  /** Outcomes of runs may be written back to it, and no model reads from it. Never a reference: it says what a connection is for. */
  writable: booleanField().optional(),
});

/** With its references resolved: only in the memory of a worker. */
const resolved = z.strictObject({
  type: z.literal('postgres'),
  ...textFields,
  url: z
    .string()
    .regex(POSTGRES_URL.pattern, { error: `does not begin with ${POSTGRES_URL.begins}` })
    .describe(POSTGRES_URL.example)
    .optional(),
  password: z.string().optional(),
  port: numberFromText(port).optional(),
  sslmode: sslmode.optional(),
  statementTimeout,
  writable: booleanField().optional(),
});
export type ResolvedPostgresConnection = z.output<typeof resolved> & Reaching;

export const postgresConnection = {
  written,
  resolved,
  check: (fields: Fields, title: string) => urlOrParts(fields, title, POSTGRES_URL),
  models: ['sql', 'table'],
} as const;
