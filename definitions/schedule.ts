import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { durationField } from './fields.ts';

const CRON_HINT = 'five fields (minute, hour, day, month, weekday), such as "0 * * * *" for every hour';

export function isCron(text: string): boolean {
  // The parser would also take seconds, fewer fields and names such as @daily.
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    CronExpressionParser.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const cron = z.string().refine(isCron, { error: 'is not a cron expression' }).describe(CRON_HINT);
const timezone = z
  .string()
  .refine(isTimezone, { error: 'is not a time zone' })
  .describe('a name of the time zone database, such as UTC or Europe/Berlin');

/** Exactly one of `cron` and `every`. Checked, and then refused: this version starts no schedules. */
export const scheduleSchema = z.strictObject({
  cron: cron.optional(),
  timezone: timezone.optional(),
  every: durationField('15m').optional(),
});
