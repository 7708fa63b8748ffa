/** Told by the line itself, or the same in each. */
const NOT_REPEATED = new Set([
  'level',
  'time',
  'message',
  'process',
  'installation',
  'namespace',
  'taskQueue',
]);

interface Line extends Record<string, unknown> {
  level: string;
  time: string;
  message?: string;
}

/** A line of the log for a person: when, how bad, what, and the rest as `name=value`. */
export function asText(line: string): string {
  const entry = JSON.parse(line) as Line;
  const rest = Object.entries(entry)
    .filter(([name, value]) => !NOT_REPEATED.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const { level, message = '', time } = entry;
  return `${time} ${level.toUpperCase().padEnd(5)} ${message}${rest.join('')}`;
}
