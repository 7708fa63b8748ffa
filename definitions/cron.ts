import { CronExpressionParser } from 'cron-parser';

export const CRON_HINT =
  'five fields (minute, hour, day, month, weekday) of numbers, *, lists, ranges and steps, such as "0 * * * *" for every hour';

const FIELDS = [
  { name: 'minute', values: /\d{1,2}/ },
  { name: 'hour', values: /\d{1,2}/ },
  { name: 'day', values: /\d{1,2}/ },
  { name: 'month', values: /\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/ },
  { name: 'weekday', values: /\d|sun|mon|tue|wed|thu|fri|sat/ },
].map(({ name, values }) => {
  const item = `(?:\\*|(?:${values.source})(?:-(?:${values.source}))?)(?:/\\d{1,2})?`;
  return { name, form: new RegExp(`^${item}(?:,${item})*$`, 'i') };
});

const fieldsOf = (text: string): string[] => text.trim().split(/\s+/);

/**
 * Why it is no cron expression that starts when it says; null: it is one. Temporal begins a comment at `#`, knows no `L`, `W`, `?`
 * and `H`, and takes what never comes.
 */
export function cronFault(text: string): string | null {
  const fields = fieldsOf(text);
  // The parser would also take seconds, fewer fields and names such as @daily.
  if (fields.length !== FIELDS.length) return 'is not a cron expression';
  for (const [position, { form, name }] of FIELDS.entries()) {
    const field = fields[position] ?? '';
    if (form.test(field)) continue;
    const special = /(?<![a-z])[#?LWH](?![a-z])/i.exec(field);
    return special === null
      ? `is not a cron expression in its ${name}`
      : `has "${special[0]}" as its ${name}, which schedules do not know`;
  }
  const [, , day = '', , weekday = ''] = fields;
  if (areBothGiven(day, weekday) && (day.startsWith('*') || weekday.startsWith('*'))) {
    return 'gives a day and a weekday, one of them from "*", which some read as both and some as either (write "1-31/2" for "*/2")';
  }
  try {
    CronExpressionParser.parse(text).next();
    return null;
  } catch {
    return 'is not a cron expression';
  }
}

const areBothGiven = (day: string, weekday: string): boolean => day !== '*' && weekday !== '*';

/**
 * The same for Temporal, which starts when one of them says so: where a crontab gives a day and a weekday it means either, and Temporal
 * means both.
 */
export function cronsForTemporal(text: string): string[] {
  const [minute, hour, day = '', month, weekday = ''] = fieldsOf(text);
  return areBothGiven(day, weekday)
    ? [`${minute} ${hour} ${day} ${month} *`, `${minute} ${hour} * ${month} ${weekday}`]
    : [text.trim()];
}
