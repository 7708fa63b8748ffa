import { z } from 'zod';
import { has, type Fields } from './checked.ts';
import {
  choiceField,
  numberFromText,
  orReference,
  textField,
  webUrlField,
  wholeNumberField,
} from './fields.ts';
import type { Finding } from './issues.ts';
import { missingField } from './missing-field.ts';
import {
  DEFAULT_STATEMENT_TIMEOUT,
  POSTGRES_URL,
  sslmodes,
  statementTimeout,
} from './postgres-connection.ts';
import { urlOrParts, type UrlOrParts } from './url-or-parts.ts';
import type { Reaching } from './reach.ts';

/** `cursor`: DECLARE and FETCH; `unload`: UNLOAD to S3; `data_api`: the Redshift Data API, without a network path. */
export const redshiftReads = ['cursor', 'unload', 'data_api'] as const;
/** `iam`: a password of some minutes, which AWS gives to the worker's own identity or to the keys below. */
export const redshiftAuths = ['password', 'iam'] as const;

const REDSHIFT_URL: UrlOrParts = {
  ...POSTGRES_URL,
  pattern: /^(postgres(ql)?|redshift):\/\//,
  begins: 'redshift:// or postgres://',
  example: 'redshift://user@host:5439/database',
};

const port = wholeNumberField(1, 65_535, 5439);
const sslmode = choiceField(sslmodes);
const read = choiceField(redshiftReads);
const auth = choiceField(redshiftAuths);
const fetchRows = wholeNumberField(1, 1_000_000, 10_000);
const endpoint = webUrlField('https://redshift-data.eu-west-1.amazonaws.com');

const textFields = {
  url: textField(`${REDSHIFT_URL.example}, or \${WAREHOUSE_URL}`).optional(),
  host: textField('the name or address of the cluster or workgroup').optional(),
  database: textField('the name of the database').optional(),
  user: textField('the name of a user who may read').optional(),
  password: textField('${WAREHOUSE_PASSWORD}').optional(),
  sslrootcert: textField('the path of a PEM file, or ${file:/path}').optional(),
  searchPath: textField('schemas parted by commas, such as app, public').optional(),
  clusterIdentifier: textField('the identifier of a provisioned cluster').optional(),
  workgroup: textField('the name of a serverless workgroup').optional(),
  secretArn: textField('the ARN of a secret that holds user and password, for the Data API').optional(),
  accessKeyId: textField('${AWS_ACCESS_KEY_ID}').optional(),
  secretAccessKey: textField('${AWS_SECRET_ACCESS_KEY}').optional(),
  sessionToken: textField('${AWS_SESSION_TOKEN}').optional(),
};

/** They become part of host names and of SQL. */
const region = patternField(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'an AWS region, such as eu-west-1');
const unloadTo = patternField(/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/[\w!.*()/-]*)?$/, 's3://bucket/prefix');
const unloadRole = patternField(
  /^(default|arn:aws[\w-]*:iam::\d+:role\/[\w+=,.@/-]+(,arn:aws[\w-]*:iam::\d+:role\/[\w+=,.@/-]+)*)$/,
  'the ARN of a role that may write there, or default',
);

function patternField(pattern: RegExp, description: string) {
  return z
    .string()
    .regex(pattern, { error: `is not ${description}` })
    .describe(description);
}

const written = z.strictObject({
  type: z.literal('redshift'),
  ...textFields,
  port: orReference(port).optional(),
  sslmode: orReference(sslmode).optional(),
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
  read: orReference(read).default('cursor'),
  auth: orReference(auth).default('password'),
  fetchRows: orReference(fetchRows).optional(),
  region: orReference(region).optional(),
  unloadTo: orReference(unloadTo).optional(),
  unloadRole: orReference(unloadRole).optional(),
  dataApiEndpoint: orReference(endpoint).optional(),
  redshiftEndpoint: orReference(endpoint).optional(),
  s3Endpoint: orReference(endpoint).optional(),
});

const resolved = z.strictObject({
  type: z.literal('redshift'),
  ...textFields,
  port: numberFromText(port).optional(),
  sslmode: sslmode.optional(),
  statementTimeout,
  read,
  auth,
  url: z
    .string()
    .regex(REDSHIFT_URL.pattern, { error: `does not begin with ${REDSHIFT_URL.begins}` })
    .describe(REDSHIFT_URL.example)
    .optional(),
  password: z.string().optional(),
  fetchRows: numberFromText(fetchRows).optional(),
  region: region.optional(),
  unloadTo: unloadTo.optional(),
  unloadRole: unloadRole.optional(),
  dataApiEndpoint: endpoint.optional(),
  redshiftEndpoint: endpoint.optional(),
  s3Endpoint: endpoint.optional(),
});
export type ResolvedRedshiftConnection = z.output<typeof resolved> & Reaching;

/** What each way to read, and each way to log in, cannot do without. */
function needs(fields: Fields, title: string): Finding[] {
  const need = (field: string, fix: string): Finding[] =>
    has(fields, field) ? [] : [missingField(field, fix, title)];
  const cluster =
    has(fields, 'clusterIdentifier') || has(fields, 'workgroup')
      ? []
      : need('clusterIdentifier', 'Add clusterIdentifier, or workgroup for Redshift Serverless.');
  if (fields.read === 'data_api') return [...need('database', 'Add database.'), ...cluster];
  return [
    ...urlOrParts(fields, title, REDSHIFT_URL).filter(
      // A serverless workgroup knows the user by the AWS identity.
      ({ path, absence }) =>
        !(absence && path[0] === 'user' && fields.auth === 'iam' && has(fields, 'workgroup')),
    ),
    ...(fields.auth === 'iam' ? cluster : []),
    ...(fields.read === 'unload'
      ? [
          ...need('unloadTo', 'Add unloadTo: s3://bucket/prefix.'),
          ...need('unloadRole', 'Add unloadRole, the ARN of a role of the cluster that may write there.'),
        ]
      : []),
  ];
}

export const redshiftConnection = { written, resolved, check: needs, models: ['sql', 'table'] } as const;
