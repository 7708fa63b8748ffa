import { z } from 'zod';
import type { Fields } from './checked.ts';
import {
  durationField,
  numberFromText,
  orReference,
  textField,
  webUrlField,
  wholeNumberField,
} from './fields.ts';
import type { Finding } from './issues.ts';
import { oneWayIn } from './one-way-in.ts';
import type { Reaching } from './reach.ts';

const DEFAULT_TIMEOUT = '5m';
const timeout = durationField(DEFAULT_TIMEOUT, { text: '1d', ms: 24 * 3_600_000 });
/** index.max_result_window, by default. */
const pageRows = wholeNumberField(1, 10_000, 5000);
const url = webUrlField('https://search.example.com:9200');

const textFields = {
  cloudId: textField('the cloud id of a deployment, from its page at Elastic Cloud').optional(),
  apiKey: textField('${ELASTICSEARCH_API_KEY}, encoded').optional(),
  username: textField('the name of a user who may read').optional(),
  password: textField('${ELASTICSEARCH_PASSWORD}').optional(),
  ca: textField('${file:/path/ca.pem}').optional(),
};

const written = z.strictObject({
  type: z.literal('elasticsearch'),
  ...textFields,
  url: orReference(url).optional(),
  timeout: orReference(timeout).default(DEFAULT_TIMEOUT),
  pageRows: orReference(pageRows).optional(),
});

const resolved = z.strictObject({
  type: z.literal('elasticsearch'),
  ...textFields,
  url: url.optional(),
  timeout,
  pageRows: numberFromText(pageRows).optional(),
});
export type ResolvedElasticsearchConnection = z.output<typeof resolved> & Reaching;

export const elasticsearchConnection = {
  written,
  resolved,
  check: (fields: Fields, title: string): Finding[] => [
    ...oneWayIn(fields, title, [['url'], ['cloudId']]),
    ...oneWayIn(fields, title, [['apiKey'], ['username', 'password']]),
  ],
  models: ['index', 'sql'],
} as const;
