import { z } from 'zod';
import {
  choiceField,
  numberFromText,
  orReference,
  textField,
  unavailableField,
  webUrlField,
} from './fields.ts';

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

/** As it is written and stored. */
const written = z.strictObject({
  type: z.literal('segment'),
  writeKey: textField('${SEGMENT_WRITE_KEY}'),
  region: orReference(region).default('us'),
  trackingUrl: orReference(webUrl).optional(),
  settingsUrl: orReference(webUrl).optional(),
  eventsPerSecond: orReference(eventsPerSecond).default(DEFAULT_EVENTS_PER_SECOND),
  rateLimitGroup: textField('a name that connections with one limit share').optional(),
  client: orReference(client).optional(),
  token: unavailableField('access by token is not available yet', 'Give the writeKey of the source'),
  source: unavailableField('naming a source is not available yet', 'Give its writeKey'),
  publicApiUrl: unavailableField("Segment's Public API is not used yet", 'Leave this out'),
});
export type SegmentConnection = z.output<typeof written>;

/** With its references resolved: only in the memory of a worker. An empty writeKey is for segment/ to refuse. */
const resolved = z.strictObject({
  type: z.literal('segment'),
  writeKey: z.string(),
  region,
  trackingUrl: webUrl.optional(),
  settingsUrl: webUrl.optional(),
  eventsPerSecond: numberFromText(eventsPerSecond),
  rateLimitGroup: textField('a name that connections with one limit share').optional(),
  client: client.optional(),
});
export type ResolvedSegmentConnection = z.output<typeof resolved> & {
  /** The connection's own name when it shares its limit with no other. */
  rateLimitGroup: string;
  client: SegmentClient;
};

/** Segment's library is enough at Segment's own rate; above it the direct POST costs far less CPU an event. */
export const defaultClient = (eventsPerSecondLimit: number): SegmentClient =>
  eventsPerSecondLimit <= DEFAULT_EVENTS_PER_SECOND ? 'analytics-node' : 'http';

export const segmentConnection = { written, resolved, models: [] } as const;
