import { z } from 'zod';
import { choiceField, durationField, numberFromText, orReference, textField, webUrlField } from './fields.ts';

/** `rest`: pages of the job's result; `storage`: the Storage Read API (Arrow), which is faster and billed by bytes. */
export const bigQueryReads = ['rest', 'storage'] as const;
export const bigQueryPriorities = ['interactive', 'batch'] as const;

const DEFAULT_JOB_TIMEOUT = '1h';
const jobTimeout = durationField(DEFAULT_JOB_TIMEOUT, { text: '7d', ms: 7 * 24 * 3_600_000 });
const read = choiceField(bigQueryReads);
const priority = choiceField(bigQueryPriorities);
const maximumBytesBilled = z.int().positive().describe('a whole number of bytes, such as 10000000000');
const endpoint = webUrlField('https://bigquery.googleapis.com');
const labels = z
  .record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/), z.string().regex(/^[a-z0-9_-]{0,63}$/))
  .describe('names and values in small letters, digits, "_" and "-", such as { team: growth }');

const textFields = {
  projectId: textField('the project that pays for the queries'),
  credentials: textField(
    '${file:/path/service-account.json}, or leave it out for the default credentials',
  ).optional(),
  dataset: textField('the dataset of tables that a model names without one').optional(),
  location: textField('a location, such as EU or us-central1').optional(),
};

const written = z.strictObject({
  type: z.literal('bigquery'),
  ...textFields,
  read: orReference(read).default('rest'),
  priority: orReference(priority).default('interactive'),
  maximumBytesBilled: orReference(maximumBytesBilled).optional(),
  jobTimeout: orReference(jobTimeout).default(DEFAULT_JOB_TIMEOUT),
  labels: labels.optional(),
  apiEndpoint: orReference(endpoint).optional(),
  storageEndpoint: orReference(endpoint).optional(),
  tokenUrl: orReference(endpoint).optional(),
});

const resolved = z.strictObject({
  type: z.literal('bigquery'),
  ...textFields,
  read,
  priority,
  maximumBytesBilled: numberFromText(maximumBytesBilled).optional(),
  jobTimeout,
  labels: labels.optional(),
  apiEndpoint: endpoint.optional(),
  storageEndpoint: endpoint.optional(),
  tokenUrl: endpoint.optional(),
});
export type ResolvedBigQueryConnection = z.output<typeof resolved>;

export const bigQueryConnection = { written, resolved, models: ['sql', 'table'] } as const;
