import type { ValueType } from '../definitions/mapping-entry.ts';
import type { ColumnKind } from '../vocabulary/columns.ts';
import { normalizeName } from './normalize.ts';
import type { Trait } from './traits.ts';

/** What Segment's destinations expect of a trait. */
type Expected = 'string' | 'number' | 'date' | 'object';

/** The traits that Segment has given a meaning: https://segment.com/docs/connections/spec/identify/#traits */
const reserved: ReadonlyMap<string, Expected> = new Map([
  ...[
    'avatar',
    'description',
    'email',
    'firstName',
    'gender',
    'id',
    'lastName',
    'name',
    'phone',
    'title',
  ].map((name) => [name, 'string'] as const),
  ...['username', 'website'].map((name) => [name, 'string'] as const),
  ...['birthday', 'createdAt'].map((name) => [name, 'date'] as const),
  ...['address', 'company'].map((name) => [name, 'object'] as const),
  ['age', 'number'],
]);

const inWords: Readonly<Record<Expected, string>> = {
  string: 'a text; map it with type: string',
  number: 'a number; map it with type: number',
  date: 'a date in ISO 8601; convert it in the model',
  object: 'an object; map its members, as address.city',
};

/**
 * Reserved traits whose values cannot be what Segment's destinations expect, and those that are sent under both of their
 * names: a sentence each. Segment takes them all the same; where it hands them on, they are dropped or misread.
 */
export const reservedTraitWarnings = (traits: readonly Trait[]): string[] =>
  reservedTraitFindings(traits).map(({ warning }) => warning);

/** The same, with the trait that each is about. */
export function reservedTraitFindings(traits: readonly Trait[]): { trait: string; warning: string }[] {
  const seen = new Map<string, string>();
  return traits.flatMap((trait) => {
    const [written = ''] = trait.path;
    // Segment takes both `first_name` and `firstName`.
    const name = normalizeName('camel_case', written);
    const expected = reserved.get(name);
    if (expected === undefined || (written !== name && written !== normalizeName('snake_case', written)))
      return [];
    const warnings: string[] = [];
    const other = seen.get(name);
    seen.set(name, written);
    if (other !== undefined && other !== written) {
      warnings.push(
        `the traits "${other}" and "${written}" are one to some destinations of Segment; send one of them`,
      );
    }
    const sent = sentAs(trait);
    if (sent !== 'unknown' && !fits(sent, expected)) {
      warnings.push(
        `the trait "${trait.name}" is sent as ${sent === 'object' ? 'an object' : `a ${sent}`}, and Segment reserves it for ${inWords[expected]}`,
      );
    }
    return warnings.map((warning) => ({ trait: trait.name, warning }));
  });
}

type Sent = 'string' | 'number' | 'boolean' | 'date' | 'object' | 'unknown';

/** A text may be a date in ISO 8601. */
const fits = (sent: Sent, expected: Expected): boolean =>
  sent === expected ||
  (expected === 'string' && sent === 'date') ||
  (expected === 'date' && sent === 'string');

function sentAs({ path, source }: Trait): Sent {
  if (path.length > 1) return 'object';
  switch (source.kind) {
    case 'column':
      return source.type === null ? ofKind[source.column.kind] : ofType[source.type];
    case 'template':
      return ofType[source.type ?? 'string'];
    case 'hash':
    case 'run':
      return 'string';
    case 'constant': {
      const { constant } = source;
      return typeof constant === 'object' ? 'unknown' : (typeof constant as 'string' | 'number' | 'boolean');
    }
  }
}

const ofKind: Readonly<Record<ColumnKind, Sent>> = {
  text: 'string',
  binary: 'string',
  integer: 'number',
  decimal: 'number',
  float: 'number',
  boolean: 'boolean',
  timestamp: 'date',
  date: 'date',
  json: 'unknown',
};

const ofType: Readonly<Record<ValueType, Sent>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  datetime: 'date',
};
