import { z } from 'zod';

/** Without a usable word from Segment: a limit of theirs counts by the minute. */
export const DEFAULT_WAIT_MS = 60_000;
/** What asks for more is taken for a mistake of the clock, and asked again by then. */
export const MAX_WAIT_MS = 300_000;
const MIN_WAIT_MS = 1000;

const remaining = z.object({ msBeforeNext: z.number().nonnegative() });
const body = z.union([
  z.object({ data: remaining }).transform(({ data }) => data.msBeforeNext),
  z
    .object({ errors: z.tuple([z.object({ data: remaining })], z.unknown()) })
    .transform(({ errors }) => errors[0].data.msBeforeNext),
]);

/**
 * Milliseconds that a 429 of the Public API asks to wait, between one second and MAX_WAIT_MS: `msBeforeNext` of the body, which
 * needs no clock, else the date in `X-RateLimit-Reset`. Source: https://docs.segmentapis.com/tag/Rate-Limits
 */
export function rateLimitWaitMs(answer: { body: unknown; reset: string | undefined }, now: Date): number {
  const said = body.safeParse(answer.body);
  const byDate = Date.parse(answer.reset ?? '') - now.getTime();
  const ms = said.success ? said.data : byDate;
  return Number.isNaN(ms) ? DEFAULT_WAIT_MS : Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, Math.ceil(ms)));
}
