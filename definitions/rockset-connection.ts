import { z } from 'zod';
import { durationField, orReference, textField, webUrlField } from './fields.ts';
import type { Reaching } from './reach.ts';

const DEFAULT_STATEMENT_TIMEOUT = '30m';
/** Rockset ended an asynchronous query after 30 minutes: https://github.com/rockset/rockset-go-client, openapi.yaml, timeout_ms */
const statementTimeout = durationField(DEFAULT_STATEMENT_TIMEOUT, { text: '30m', ms: 30 * 60_000 });
const host = webUrlField('https://rockset.example.com');

const written = z.strictObject({
  type: z.literal('rockset'),
  /** No default: the service of that name closed on 30 September 2024. */
  host: orReference(host),
  apiKey: textField('${ROCKSET_API_KEY}'),
  statementTimeout: orReference(statementTimeout).default(DEFAULT_STATEMENT_TIMEOUT),
});

const resolved = z.strictObject({
  type: z.literal('rockset'),
  host,
  apiKey: textField('${ROCKSET_API_KEY}'),
  statementTimeout,
});
export type ResolvedRocksetConnection = z.output<typeof resolved> & Reaching;

export const rocksetConnection = { written, resolved, models: ['sql', 'table'] } as const;
