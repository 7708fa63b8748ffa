import { hash } from 'node:crypto';
import type { RunField } from '../definitions/mapping-entry.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { InvalidReason } from '../vocabulary/invalid.ts';
import { convertingWriter, textReader } from './convert.ts';
import { templateWriter } from './template-value.ts';
import type { Trait } from './traits.ts';
import { valueWriter, type WrittenValue } from './value.ts';

/** What is known of a run, for the values that say it. */
export type RunFacts = Readonly<Record<RunField, string>>;

/** Why a row is not sent, and the column to blame if it is one. */
export interface InvalidValue {
  invalid: InvalidReason;
  column: string | null;
}

/** @param values of the row, as the spool writes them, null for NULL */
type MembersWriter = (values: readonly (string | null)[]) => string | InvalidValue;

/**
 * Writes the members of an object without its braces: `"plan":"pro","address":{"city":"Bonn"}`. An object of which
 * nothing is sent is left out.
 *
 * @param traits sorted by path, none inside of another
 * @param columns in the order of the values
 */
export function membersWriter(
  traits: readonly Trait[],
  columns: readonly Column[],
  run: RunFacts,
): MembersWriter {
  const members = membersOf(traits, new Map(columns.map(({ name }, place) => [name, place])), run, 0);
  return (values) => writeMembers(members, values);
}

interface Member {
  /** `"name":` */
  label: string;
  /** Of an object; null for a value. */
  members: Member[] | null;
  /** Null when the value is not the same for every row. */
  constant: string | null;
  write: (values: readonly (string | null)[]) => WrittenValue;
  from: string | null;
  omitNull: boolean;
  omitUnsendable: boolean;
}

function writeMembers(members: readonly Member[], values: readonly (string | null)[]): string | InvalidValue {
  let json = '';
  for (const member of members) {
    let value = member.constant;
    if (member.members !== null) {
      const inner = writeMembers(member.members, values);
      if (typeof inner !== 'string') return inner;
      if (inner === '') continue;
      value = `{${inner}}`;
    } else if (value === null) {
      const written = member.write(values);
      if (typeof written !== 'string') {
        if (member.omitUnsendable) continue;
        return { invalid: written.invalid, column: member.from };
      }
      // The null of a JSON column is one too: where it arrives it clears the trait all the same.
      if (written === 'null' && member.omitNull) continue;
      value = written;
    }
    json += json === '' ? member.label + value : `,${member.label}${value}`;
  }
  return json;
}

type Places = ReadonlyMap<string, number>;

function membersOf(traits: readonly Trait[], places: Places, run: RunFacts, depth: number): Member[] {
  const groups = new Map<string, Trait[]>();
  for (const trait of traits) {
    const name = trait.path[depth] ?? '';
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [trait]);
    else group.push(trait);
  }
  return [...groups].map(([name, group]) => {
    const [first] = group;
    const label = `${JSON.stringify(name)}:`;
    return first !== undefined && first.path.length === depth + 1
      ? valueMember(label, first, places, run)
      : { ...objectMember, label, members: membersOf(group, places, run, depth + 1) };
  });
}

const objectMember = {
  constant: null,
  write: () => 'null',
  from: null,
  omitNull: false,
  omitUnsendable: false,
};

function valueMember(label: string, trait: Trait, places: Places, run: RunFacts): Member {
  const { source, nulls, onError } = trait;
  const options = { label, members: null, omitNull: nulls === 'omit', omitUnsendable: onError === 'omit' };
  const ofColumn = (column: Column, write: (written: string) => WrittenValue): Member => {
    const place = places.get(column.name) ?? -1;
    return {
      ...options,
      constant: null,
      from: column.name,
      write: (values) => {
        const spooled = values[place] ?? null;
        return spooled === null ? 'null' : write(spooled);
      },
    };
  };
  switch (source.kind) {
    case 'constant':
      return { ...objectMember, ...options, constant: JSON.stringify(source.constant) };
    case 'run':
      return { ...objectMember, ...options, constant: JSON.stringify(run[source.field]) };
    case 'column': {
      const { column, type } = source;
      return ofColumn(column, type === null ? valueWriter(column) : convertingWriter(column, type));
    }
    case 'template':
      return { ...objectMember, ...options, write: templateWriter(source, places) };
    case 'hash':
      return ofColumn(source.column, hashWriter(source.column));
  }
}

/** SHA-256 in hex of the text that the value has when it is sent as a string. */
function hashWriter(column: Column): (written: string) => WrittenValue {
  const read = textReader(column);
  return (written) => {
    const text = read(written);
    if (typeof text !== 'string') return text ?? 'null';
    return `"${hash('sha256', text, 'hex')}"`;
  };
}

const COLON_NULL_AND_COMMA = 6;
/** What a hash is longer than a null. */
const HASH_BYTES = 62;

/** Bytes of the members of a row of nulls; hashes, texts of templates and what is the same for every row are counted. */
export function fixedMemberBytes(traits: readonly Trait[]): number {
  let bytes = 0;
  for (const { path, source } of traits) {
    for (const name of path) bytes += Buffer.byteLength(JSON.stringify(name)) + COLON_NULL_AND_COMMA;
    if (source.kind === 'constant') bytes += Buffer.byteLength(JSON.stringify(source.constant));
    if (source.kind === 'template') bytes += source.text.length;
    if (source.kind === 'hash' || source.kind === 'run') bytes += HASH_BYTES;
  }
  return bytes;
}
