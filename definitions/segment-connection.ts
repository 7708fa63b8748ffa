import { z } from 'zod';
import { has, type Fields } from './checked.ts';
import { choiceField, numberFromText, orReference, textField, webUrlField } from './fields.ts';
import type { Finding } from './issues.ts';
import { nearestName } from './nearest.ts';
import { oneWayIn } from './one-way-in.ts';
import type { Reaching } from './reach.ts';

/** Segment's figure for a whole workspace, live traffic included: docs of Segment, connections/rate-limits. */
export const DEFAULT_EVENTS_PER_SECOND = 1_000;

export const segmentRegions = ['us', 'eu'] as const;
export type SegmentRegion = (typeof segmentRegions)[number];
export const segmentClients = ['analytics-node', 'http'] as const;
export type SegmentClient = (typeof segmentClients)[number];

const region = choiceField(segmentRegions);
const client = choiceField(segmentClients);
const eventsPerSecond = z.number().positive().describe('a number above 0, such as 1000');

const webUrl = webUrlField('https://api.segment.io');
const publicApiUrl = webUrlField('https://api.segmentapis.com');
const source = textField('the slug or the id of a source of the workspace');

/** As it is written and stored: with `writeKey`, or with `token` and `source`. */
const written = z.strictObject({
  type: z.literal('segment'),
  writeKey: textField('${SEGMENT_WRITE_KEY}').optional(),
  token: textField('${SEGMENT_TOKEN}').optional(),
  source: source.optional(),
  region: orReference(region).default('us'),
  trackingUrl: orReference(webUrl).optional(),
  settingsUrl: orReference(webUrl).optional(),
  eventsPerSecond: orReference(eventsPerSecond).default(DEFAULT_EVENTS_PER_SECOND),
  rateLimitGroup: textField('a name that connections with one limit share').optional(),
  client: orReference(client).optional(),
  publicApiUrl: orReference(publicApiUrl).optional(),
});
export type SegmentConnection = z.output<typeof written>;

/** With its references resolved: only in the memory of a worker. An empty secret is for segment/ to refuse. */
const resolved = z.strictObject({
  type: z.literal('segment'),
  writeKey: z.string().optional(),
  token: z.string().optional(),
  source: source.optional(),
  region,
  trackingUrl: webUrl.optional(),
  settingsUrl: webUrl.optional(),
  eventsPerSecond: numberFromText(eventsPerSecond),
  rateLimitGroup: textField('a name that connections with one limit share').optional(),
  client: client.optional(),
  publicApiUrl: publicApiUrl.optional(),
});
export type ResolvedSegmentConnection = z.output<typeof resolved> &
  Reaching & {
    /** The connection's own name when it shares its limit with no other. */
    rateLimitGroup: string;
    client: SegmentClient;
  };

/** One whose write key is known: it was given, or the token could read it. */
export type KeyedSegmentConnection = ResolvedSegmentConnection & { writeKey: string };

/** Segment's library is enough at Segment's own rate; above it the direct POST costs far less CPU an event. */
export const defaultClient = (eventsPerSecondLimit: number): SegmentClient =>
  eventsPerSecondLimit <= DEFAULT_EVENTS_PER_SECOND ? 'analytics-node' : 'http';

function check(fields: Fields, title: string): Finding[] {
  const credentials = ['writeKey', 'token', 'source'];
  // A misspelt field is said already; that it is missing too would be said of the same mistake.
  const isMisspelt = Object.keys(fields).some(
    (name) => !Object.hasOwn(written.shape, name) && nearestName(name, credentials) !== null,
  );
  const findings = oneWayIn(fields, title, [['writeKey'], ['token', 'source']]).filter(
    ({ absence }) => !(isMisspelt && absence === true),
  );
  if (!has(fields, 'publicApiUrl') || has(fields, 'token')) return findings;
  const message = '"publicApiUrl" is given without "token", which alone is sent there';
  return [...findings, { path: ['publicApiUrl'], at: 'key', message, fix: 'Remove it, or give a token.' }];
}

export const segmentConnection = { written, resolved, check, models: [] } as const;
