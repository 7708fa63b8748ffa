import { has, isFields, type Fields } from './checked.ts';
import type { Path } from './fault.ts';
import type { Finding } from './issues.ts';
import {
  behaviorNames,
  idFields,
  keyTargets,
  objectNames,
  objects,
  type BehaviorName,
  type ObjectName,
} from './objects.ts';
import { missingField } from './missing-field.ts';

/** What a sync says of its object, beyond the form of each field: key, behavior, identifiers, the name of an event. */
export function objectFindings(sync: Fields, title: string): Finding[] {
  const object = sync.object === undefined ? 'user' : objectNames.find((known) => known === sync.object);
  // Another one is a fault of its own.
  if (object === undefined) return [];
  return [
    ...keyFindings(sync, object),
    ...behaviorFindings(sync, object),
    ...identifierFindings(sync, object, title),
    ...eventFindings(sync, object, title),
    ...removalFindings(sync, object),
  ];
}

/** How a sync behaves that does not say it. */
export const defaultBehavior = (object: ObjectName): BehaviorName => objects[object].behaviors[0];

const named = (object: ObjectName): string => `${object === 'event' ? 'an' : 'a'} ${object}`;

const inWords = (names: readonly string[]): string => names.join(' or ');

function keyFindings({ key }: Fields, object: ObjectName): Finding[] {
  const to = isFields(key) ? keyTargets.find((known) => known === key.to) : undefined;
  const { keys } = objects[object];
  if (to === undefined || keys.includes(to)) return [];
  const message = `the key of ${named(object)} goes to ${inWords(keys)}, not to ${to}`;
  return [{ path: ['key', 'to'], at: 'value', message, fix: `Write to: ${keys[0]}.` }];
}

function behaviorFindings({ behavior }: Fields, object: ObjectName): Finding[] {
  const wanted = behaviorNames.find((known) => known === behavior);
  const possible = objects[object].behaviors;
  if (wanted === undefined || possible.includes(wanted)) return [];
  const others = objectNames.filter((other) => objects[other].behaviors.includes(wanted)).map(named);
  const message = `behavior "${wanted}" is for ${inWords(others)}, not for ${named(object)}`;
  return [{ path: ['behavior'], at: 'value', message, fix: `Write ${inWords(possible)}, or leave it out.` }];
}

function identifierFindings(sync: Fields, object: ObjectName, title: string): Finding[] {
  const { identifiers, key } = sync;
  if (identifiers === undefined) {
    if (object === 'user') return [];
    const fix = 'Add identifiers: { userId: { from: column } }, or anonymousId, or both.';
    return [missingField('identifiers', fix, `${title}: Segment takes no ${object} without a user`)];
  }
  if (!isFields(identifiers)) return [];
  const given = idFields.filter((id) => has(identifiers, id));
  if (given.length === 0 && Object.keys(identifiers).length === 0) {
    const fix = 'Write { userId: { from: column } }, { anonymousId: { from: column } }, or both.';
    return [{ path: ['identifiers'], at: 'value', message: '"identifiers" names no id', fix }];
  }
  const keyFields: Fields = isFields(key) ? key : {};
  const columns = new Map<unknown, string>([[keyFields.from, 'the key']]);
  return given.flatMap((id): Finding[] => {
    const path: Path = ['identifiers', id];
    if (id === keyFields.to && object === 'user') {
      return [{ path, at: 'key', message: `the key is the ${id} already`, fix: 'Leave it out.' }];
    }
    const field = identifiers[id];
    const from = isFields(field) ? field.from : undefined;
    const other = columns.get(from);
    if (typeof from !== 'string') return [];
    columns.set(from, `the ${id}`);
    if (other === undefined) return [];
    const message = `the column "${from}" is ${other} already`;
    return [{ path: [...path, 'from'], at: 'value', message, fix: 'Name another column, or leave it out.' }];
  });
}

const EVENT_FIX = 'Write { from: column } or { constant: Order Completed }.';

function eventFindings({ event }: Fields, object: ObjectName, title: string): Finding[] {
  if (object !== 'event') {
    if (event === undefined) return [];
    const message = `"event" is for object: event only, and this is ${named(object)}`;
    return [{ path: ['event'], at: 'key', message, fix: 'Leave it out, or write object: event.' }];
  }
  if (event === undefined) {
    return [
      missingField('event', 'Add event: { from: column } or event: { constant: Order Completed }.', title),
    ];
  }
  if (!isFields(event)) return [];
  const sources = ['from', 'constant'].filter((source) => has(event, source));
  if (sources.length === 1 || (sources.length === 0 && Object.keys(event).length > 0)) return [];
  const message =
    sources.length === 0 ? '"event" has neither "from" nor "constant"' : '"constant" is given beside "from"';
  const path = sources.length === 0 ? ['event'] : ['event', 'constant'];
  return [{ path, at: sources.length === 0 ? 'value' : 'key', message, fix: EVENT_FIX }];
}

function removalFindings({ behavior, removed }: Fields, object: ObjectName): Finding[] {
  if (removed === undefined) return [];
  if ((behavior ?? defaultBehavior(object)) !== 'mirror') {
    const fix = 'Write behavior: mirror, or leave it out.';
    return [{ path: ['removed'], at: 'key', message: '"removed" is for behavior: mirror only', fix }];
  }
  const set = isFields(removed) && Array.isArray(removed.set) ? removed.set : [];
  return set.flatMap((entry: unknown, index): Finding[] =>
    isFields(entry)
      ? ['from', 'template', 'hash']
          .filter((source) => has(entry, source))
          .map((source) => ({
            path: ['removed', 'set', index, source],
            at: 'key',
            message: `"${source}" needs a row, and a removed row has none`,
            fix: 'Write { constant: value, to: trait } or { run: startedAt, to: trait }.',
          }))
      : [],
  );
}
