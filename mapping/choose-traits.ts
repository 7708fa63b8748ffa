import type { MappingEntry, NullPolicy } from '../definitions/mapping-entry.ts';
import {
  objects,
  type BehaviorName,
  type IdField,
  type KeyTarget,
  type ObjectName,
} from '../definitions/objects.ts';
import type { Normalization, Removal } from '../definitions/sync.ts';
import { nearestName } from '../definitions/nearest.ts';
import { readTemplate } from '../definitions/template.ts';
import { parseTraitPath, pathName, pathRegister } from '../definitions/trait-path.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { canBecome } from './convert.ts';
import { normalizeName } from './normalize.ts';
import { byPath, columnsOf, type Trait, type ValueSource } from './traits.ts';

/** What the mapping reads of a sync. */
export interface SyncForMapping {
  /** @default user */
  object?: ObjectName | undefined;
  key: { from: string; to: KeyTarget };
  identifiers?: Partial<Record<IdField, { from: string } | undefined>> | undefined;
  event?: { from?: string | undefined; constant?: string | undefined } | undefined;
  behavior?: BehaviorName | undefined;
  removed?: Removal | undefined;
  properties: 'all' | 'selected';
  normalization: Normalization;
  mapping: readonly MappingEntry[];
  nulls: NullPolicy;
  exclude?: readonly string[] | undefined;
  timestamp?: { from: string } | undefined;
  context?: readonly MappingEntry[] | undefined;
  integrations?: Readonly<Record<string, boolean>> | undefined;
}

/**
 * The traits of a sync over these columns, sorted by path: the explicit mappings and, with `properties: all`, every
 * other column but the key under its normalized name. A constant null that is to be omitted is none.
 *
 * @param used columns that go elsewhere in the message
 * @throws BackhaulError column_missing, type_not_convertible, definitions_invalid, trait_name_invalid, trait_collision,
 * nothing_mapped, too_many_traits
 */
export function chooseTraits(
  sync: SyncForMapping,
  columns: readonly Column[],
  used: readonly Column[] = [],
): Trait[] {
  const mapped = sync.mapping.map((entry) => traitOf(entry, sync.nulls, columns));
  const traits = [...mapped, ...otherTraits(sync, columns, [...used, ...mapped.flatMap(columnsOf)])];
  refuseCollisions(traits);
  const sent = traits.filter((trait) => !isNeverSent(trait)).sort(byPath);
  const { maxValues, values } = objects[sync.object ?? 'user'];
  // A group says who is in it, and an event what happened, also without a word more.
  if (sent.length === 0 && (sync.object ?? 'user') === 'user') throw new BackhaulError('nothing_mapped');
  if (sent.length > maxValues) throw new BackhaulError('too_many_traits', `${sent.length} ${values}`);
  return sent;
}

/** @throws BackhaulError column_missing, type_not_convertible, definitions_invalid, trait_name_invalid */
export function traitOf(entry: MappingEntry, nulls: NullPolicy, columns: readonly Column[]): Trait {
  const source = sourceOf(entry, columns);
  const path = parseTraitPath(entry.to);
  if (path === null) throw new BackhaulError('trait_name_invalid', `"${entry.to}", ${origin(source)}`);
  const { onError = 'invalid' } = entry;
  return { name: pathName(path), path, source, nulls: entry.nulls ?? nulls, onError };
}

function sourceOf(entry: MappingEntry, columns: readonly Column[]): ValueSource {
  if ('run' in entry) return { kind: 'run', field: entry.run };
  if ('hash' in entry) return { kind: 'hash', column: mappedColumn(entry.hash.from, columns) };
  if ('template' in entry) {
    const read = readTemplate(entry.template);
    if (!('columns' in read)) {
      throw new BackhaulError('definitions_invalid', `trait "${entry.to}": the template ${read.fault}`);
    }
    const used = read.columns.map((name) => mappedColumn(name, columns, `template of trait "${entry.to}": `));
    return { kind: 'template', text: entry.template, columns: used, type: entry.type ?? null };
  }
  if ('from' in entry) {
    const column = mappedColumn(entry.from, columns);
    const { type = null } = entry;
    if (type !== null && !canBecome(column.kind, type)) {
      throw new BackhaulError(
        'type_not_convertible',
        `trait "${entry.to}": column "${column.name}" is ${column.sourceType}, not ${type}`,
      );
    }
    return { kind: 'column', column, type };
  }
  if (typeof entry.constant === 'number' && !Number.isFinite(entry.constant)) {
    throw new BackhaulError(
      'definitions_invalid',
      `the constant of trait "${entry.to}" is not a finite number`,
    );
  }
  return { kind: 'constant', constant: entry.constant };
}

/** A column that a mapping uses is not sent again: what is sent hashed must not go out in the clear as well. */
function otherTraits(
  { exclude = [], key, normalization, nulls, properties }: SyncForMapping,
  columns: readonly Column[],
  used: readonly Column[],
): Trait[] {
  if (properties === 'selected') return [];
  const elsewhere = new Set([key.from, ...exclude, ...used.map(({ name }) => name)]);
  return columns
    .filter((column) => !elsewhere.has(column.name))
    .map((column) => {
      const name = normalizeName(normalization, column.name);
      if (name.trim() === '') throw new BackhaulError('trait_name_invalid', `column "${column.name}"`);
      const source = { kind: 'column', column, type: null } as const;
      return { name, path: [name], source, nulls, onError: 'invalid' };
    });
}

/** No two values may go to one place, nor one into the other. */
export function refuseCollisions(traits: readonly Trait[]): void {
  const register = pathRegister<Trait>();
  for (const trait of traits) {
    const other = register.clash(trait.path);
    if (other !== undefined) {
      const [one, two] = [other, trait].map(({ source }) => origin(source));
      const where =
        other.name === trait.name
          ? `trait "${trait.name}": ${one} and ${two}`
          : `traits "${other.name}" and "${trait.name}": ${one} and ${two}`;
      throw new BackhaulError('trait_collision', where);
    }
    register.add(trait.path, trait);
  }
}

/**
 * An excluded column that is not there may be a slip of the pen, and the one that was meant would go out. For the columns
 * of the model; a snapshot does not have those that are excluded.
 *
 * @throws BackhaulError column_missing
 */
export function refuseUnknownExclusions(
  { exclude = [] }: Pick<SyncForMapping, 'exclude'>,
  columns: readonly Column[],
): void {
  for (const name of exclude) mappedColumn(name, columns, 'exclude: ');
}

export function mappedColumn(name: string, columns: readonly Column[], where = ''): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new BackhaulError('column_missing', where + missingColumn(name, columns));
  return column;
}

/** `"emial"; did you mean "email"?`, or the columns that there are. */
export function missingColumn(name: string, columns: readonly Column[]): string {
  const names = columns.map((column) => column.name);
  const near = nearestName(name, names);
  if (near !== null) return `"${name}"; did you mean "${near}"?`;
  if (names.length === 0) return `"${name}"; the model returns no columns`;
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `"${name}"; the columns are ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

const MOST_NAMED = 20;

const isNeverSent = ({ source, nulls }: Trait): boolean =>
  source.kind === 'constant' && source.constant === null && nulls === 'omit';

function origin(source: ValueSource): string {
  switch (source.kind) {
    case 'column':
      return `column "${source.column.name}"`;
    case 'hash':
      return `the hash of column "${source.column.name}"`;
    case 'template':
      return 'a template';
    case 'constant':
      return 'a constant';
    case 'run':
      return `the run's ${source.field}`;
  }
}
