import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { CRON_HINT, cronFault } from './cron.ts';
import { durationMs } from './duration.ts';
import { durationField } from './fields.ts';
import { timeZoneFault } from './time-zone.ts';

/** A text that `faultOf` finds nothing wrong with; what it finds is told. */
const textWithout = (faultOf: (text: string) => string | null) =>
  z.string().check((context) => {
    const fault = faultOf(context.value);
    if (fault !== null) context.issues.push({ code: 'custom', input: context.value, message: fault });
  });

const cron = textWithout(cronFault).describe(CRON_HINT);
const timezone = textWithout(timeZoneFault).describe(
  'a name of the time zone database, such as UTC or Europe/Berlin',
);

/** Temporal takes intervals of whole seconds. */
const wholeSeconds = (example: string) =>
  durationField(example).refine((text) => durationMs(text) % 1000 === 0, {
    error: 'is not a whole number of seconds',
  });

/** Exactly one of `cron` and `every`. */
export const scheduleSchema = z.strictObject({
  cron: cron.optional(),
  /** Of `cron`. @default UTC */
  timezone: timezone.optional(),
  every: wholeSeconds('15m').optional(),
  /** Each start is later by up to so long, by chance: many syncs of one hour do not meet at its first second. */
  jitter: wholeSeconds('1m').optional(),
  /** After an outage, starts that were missed by no more than this are made up. @default about one interval */
  catchupWindow: wholeSeconds('1h').optional(),
});
export type ScheduleDefinition = z.output<typeof scheduleSchema>;

/** Temporal's least: https://docs.temporal.io/schedule#catchup-window */
const LEAST_CATCHUP_MS = 10_000;
const LOOKED_AT = 12;
/** Any: what counts is how far apart starts are. */
const FROM = new Date('2026-01-05T00:00:00Z');

/** The least time between two starts, in milliseconds. */
export function intervalMs({ cron: expression, every, timezone: zone }: ScheduleDefinition): number {
  if (every !== undefined) return durationMs(every);
  const starts = CronExpressionParser.parse(expression ?? '', { currentDate: FROM, tz: zone ?? 'UTC' })
    .take(LOOKED_AT)
    .map((start) => start.getTime());
  return Math.min(...starts.slice(1).map((start, position) => start - (starts[position] ?? start)));
}

/** What was missed is made up when it is not older than one interval: the next start would bring the same. */
export const catchupMs = (schedule: ScheduleDefinition): number =>
  Math.max(
    LEAST_CATCHUP_MS,
    schedule.catchupWindow === undefined ? intervalMs(schedule) : durationMs(schedule.catchupWindow),
  );
