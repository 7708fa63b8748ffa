import type { MappingEntry, NullPolicy } from '../definitions/mapping-entry.ts';
import type { Normalization } from '../definitions/sync.ts';
import { nearestName } from '../definitions/nearest.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { normalizeName } from './normalize.ts';

/** What the mapping reads of a sync. */
export interface SyncForMapping {
  key: { from: string; to: 'userId' | 'anonymousId' };
  properties: 'all' | 'selected';
  normalization: Normalization;
  mapping: readonly MappingEntry[];
  nulls: NullPolicy;
}

export type Constant = string | number | boolean | null;

/** A trait and where its value comes from. */
export type Trait =
  | { name: string; column: Column; nulls: NullPolicy }
  | { name: string; column: null; constant: Constant; nulls: NullPolicy };

/** Segment drops an identify with 300 traits or more: https://segment.com/docs/unify/product-limits/ */
export const MAX_TRAITS = 299;

/**
 * The traits of a sync over these columns, sorted by name: the explicit mappings and, with `properties: all`, every
 * other column but the key under its normalized name. A constant null that is to be omitted is none.
 *
 * @throws BackhaulError column_missing, definitions_invalid, trait_name_invalid, trait_collision, nothing_mapped,
 * too_many_traits
 */
export function chooseTraits(sync: SyncForMapping, columns: readonly Column[]): Trait[] {
  const traits = new Map<string, Trait>();
  for (const trait of [...mappedTraits(sync, columns), ...otherTraits(sync, columns)]) {
    if (trait.name.trim() === '') throw new BackhaulError('trait_name_invalid', origin(trait));
    const other = traits.get(trait.name);
    if (other !== undefined) {
      throw new BackhaulError(
        'trait_collision',
        `trait "${trait.name}": ${origin(other)} and ${origin(trait)}`,
      );
    }
    traits.set(trait.name, trait);
  }
  const sent = [...traits.values()].filter((trait) => !isNeverSent(trait)).sort(byName);
  if (sent.length === 0) throw new BackhaulError('nothing_mapped');
  if (sent.length > MAX_TRAITS) throw new BackhaulError('too_many_traits', `${sent.length} traits`);
  return sent;
}

const mappedTraits = (sync: SyncForMapping, columns: readonly Column[]): Trait[] =>
  sync.mapping.map((entry): Trait => {
    const nulls = entry.nulls ?? sync.nulls;
    if ('from' in entry) return { name: entry.to, column: mappedColumn(entry.from, columns), nulls };
    if (typeof entry.constant === 'number' && !Number.isFinite(entry.constant)) {
      throw new BackhaulError(
        'definitions_invalid',
        `the constant of trait "${entry.to}" is not a finite number`,
      );
    }
    return { name: entry.to, column: null, constant: entry.constant, nulls };
  });

function otherTraits(sync: SyncForMapping, columns: readonly Column[]): Trait[] {
  if (sync.properties === 'selected') return [];
  const named = new Set([
    sync.key.from,
    ...sync.mapping.flatMap((entry) => ('from' in entry ? [entry.from] : [])),
  ]);
  return columns
    .filter((column) => !named.has(column.name))
    .map((column) => ({ name: normalizeName(sync.normalization, column.name), column, nulls: sync.nulls }));
}

function mappedColumn(name: string, columns: readonly Column[]): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new BackhaulError('column_missing', missingColumn(name, columns));
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

const isNeverSent = (trait: Trait): boolean =>
  trait.column === null && trait.constant === null && trait.nulls === 'omit';

const origin = (trait: Trait): string =>
  trait.column === null ? `the constant for "${trait.name}"` : `column "${trait.column.name}"`;

/** By code units, not by a locale: the order decides the digest. */
export const byName = (a: { name: string }, b: { name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
