import type { ReceivedUser } from '../receiver/users.ts';

type Traits = ReceivedUser['traits'];

const TELLING = [
  'firstName',
  'lastName',
  'organisation_name',
  'plan',
  'loginsLast30Days',
  'usage_class',
  'lifecycle_stage',
];

const MOST_SHOWN = 4;

/** A person at the receiver in one line: the traits that tell most, and how many more there are. */
export function personLine(traits: Traits): string {
  const shown = TELLING.filter((name) => name in traits).map(
    (name) => `${name}: ${JSON.stringify(traits[name])}`,
  );
  return `${shown.join(', ')}, and ${Object.keys(traits).length - shown.length} more traits`;
}

/** What became of a person between two runs. */
export function changeLine(before: Traits, after: Traits): string {
  const changed = Object.keys(after)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort((a, b) => Number(TELLING.includes(b)) - Number(TELLING.includes(a)));
  const shown = changed
    .slice(0, MOST_SHOWN)
    .map((name) => `${name} ${JSON.stringify(before[name])} → ${JSON.stringify(after[name])}`);
  const more = changed.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
