import { z } from 'zod';
import type { Fields } from './checked.ts';
import { choiceField, numberFromText, orReference, textField, wholeNumberField } from './fields.ts';
import { DEFAULT_STATEMENT_TIMEOUT, statementTimeout } from './postgres-connection.ts';
import { urlOrParts, type UrlOrParts } from './url-or-parts.ts';
import type { Reaching } from './reach.ts';

/** MySQL's names and meanings: https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode */
export const mysqlSslmodes = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'] as const;

const MYSQL_URL: UrlOrParts = {
  pattern: /^(mysql|mariadb):\/\//,
  begins: 'mysql:// or mariadb://',
  example: 'mysql://user@host:3306/database',
};

const port = wholeNumberField(1, 65_535, 3306);
const sslmode = choiceField(mysqlSslmodes);

const textFields = {
  url: textField(`${MYSQL_URL.example}, or \${WAREHOUSE_URL}`).optional(),
  host: textField('the name or address of the server').optional(),
  database: textField('the name of the database').optional(),
  user: textField('the name of a user who may read').optional(),
  password: textField('${WAREHOUSE_PASSWORD}').optional(),
  sslrootcert: textField('the path of a PEM file, or ${file:/path}').optional(),
};

const written = z.strictObject({
  type: z.literal('mysql'),
  ...textFields,
  port: orReference(port).optional(),
  sslmode: orReference(sslmode).optional(),
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
});

const resolved = z.strictObject({
  type: z.literal('mysql'),
  ...textFields,
  url: z
    .string()
    .regex(MYSQL_URL.pattern, { error: `does not begin with ${MYSQL_URL.begins}` })
    .describe(MYSQL_URL.example)
    .optional(),
  password: z.string().optional(),
  port: numberFromText(port).optional(),
  sslmode: sslmode.optional(),
  statementTimeout,
});
export type ResolvedMysqlConnection = z.output<typeof resolved> & Reaching;

export const mysqlConnection = {
  written,
  resolved,
  check: (fields: Fields, title: string) => urlOrParts(fields, title, MYSQL_URL),
  models: ['sql', 'table'],
} as const;
