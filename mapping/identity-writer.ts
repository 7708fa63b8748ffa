import type { Column } from '../vocabulary/columns.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import type { CompiledMapping } from './compile.ts';
import { convertingWriter } from './convert.ts';
import { keyWriter } from './key.ts';
import type { InvalidValue } from './members.ts';

/** More characters Unify drops without a word: https://segment.com/docs/unify/product-limits/ */
const MAX_GROUP_ID_CHARACTERS = 500;

type Writer = (values: readonly (string | null)[]) => string | InvalidValue;

/**
 * Writes the members that say what a row is and whose: `"userId":"42"`, `"userId":"42","event":"Order Completed"`. Of a
 * row that has a key.
 */
export function identityWriter(compiled: CompiledMapping): Writer {
  const { event, identifiers, keyTo, object } = compiled;
  const keyOf = ownKeyWriter(compiled);
  if (object === 'user' && identifiers.length === 0) return keyOf;
  const idsOf = identifiersWriter(compiled, object !== 'user');
  const nameOf = event === null ? null : eventNameWriter(event, compiled.columns);
  return (values) => {
    const key = keyOf(values);
    if (typeof key !== 'string') return key;
    const ids = idsOf(values);
    if (typeof ids !== 'string') return ids;
    const name = nameOf?.(values);
    if (typeof name === 'object') return name;
    // The key of an event is in its messageId.
    const members = [keyTo === 'messageId' ? '' : key, ids, name === undefined ? '' : `"event":${name}`];
    return members.filter((member) => member !== '').join(',');
  };
}

function ownKeyWriter({ keyColumns: [keyColumn], keyTo }: CompiledMapping): Writer {
  const label = `"${keyTo}":`;
  const write = keyWriter(keyColumn);
  return ([spooled]) => {
    const key = spooled ?? '';
    if (keyTo === 'groupId' && unescapeSpool(key).length > MAX_GROUP_ID_CHARACTERS) {
      return { invalid: 'group_id_too_long', column: keyColumn.name };
    }
    const written = write(key);
    return typeof written === 'string'
      ? label + written
      : { invalid: written.invalid, column: keyColumn.name };
  };
}

/** An id that is null is left out; one that is empty would have Segment drop the message. */
function identifiersWriter({ columns, identifiers }: CompiledMapping, isRequired: boolean): Writer {
  const ids = identifiers.map(({ column, to }) => ({
    label: `"${to}":`,
    place: columns.findIndex(({ name }) => name === column.name),
    write: keyWriter(column),
    from: column.name,
  }));
  return (values) => {
    const members: string[] = [];
    for (const { from, label, place, write } of ids) {
      const id = values[place] ?? null;
      if (id === null) continue;
      if (id === '') return { invalid: 'empty_id', column: from };
      const written = write(id);
      if (typeof written !== 'string') return { invalid: written.invalid, column: from };
      members.push(label + written);
    }
    if (isRequired && members.length === 0) return { invalid: 'no_user', column: ids[0]?.from ?? null };
    return members.join(',');
  };
}

/** Also what only looks like a name. */
const BLANK = /^"(?:\s|\\[tnrfbv])*"$/;

function eventNameWriter(event: NonNullable<CompiledMapping['event']>, columns: readonly Column[]): Writer {
  if ('constant' in event) {
    const name = JSON.stringify(event.constant);
    return () => name;
  }
  const { column } = event;
  const place = columns.findIndex(({ name }) => name === column.name);
  const write = convertingWriter(column, 'string');
  return (values) => {
    const spooled = values[place] ?? null;
    const name = spooled === null ? 'null' : write(spooled);
    if (typeof name !== 'string') return { invalid: name.invalid, column: column.name };
    return name === 'null' || BLANK.test(name) ? { invalid: 'event_name_empty', column: column.name } : name;
  };
}
