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

/** A line of the log for a person: when, how bad, what, and the rest as `name=value`. */
export function asText(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(entry)
    .filter(([name, value]) => !NOT_REPEATED.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  const level = String(entry['level']).toUpperCase().padEnd(5);
  return `${String(entry['time'])} ${level} ${String(entry['message'] ?? '')}${rest.join('')}`;
}
