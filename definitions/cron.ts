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
  const wrong = FIELDS.find(({ form }, position) => !form.test(fields[position] ?? ''));
  const special =
    wrong === undefined ? null : /(?<![a-z])[#?LWH](?![a-z])/i.exec(fields[FIELDS.indexOf(wrong)] ?? '');
  if (special !== null && wrong !== undefined)
    return `has "${special[0]}" as its ${wrong.name}, which schedules do not know`;
  if (wrong !== undefined) return `is not a cron expression in its ${wrong.name}`;
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
