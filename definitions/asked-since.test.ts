import { expect, it } from '@jest/globals';
import { isFor, type AlertDefinition } from './alert.ts';
import { askedSince, type AlertVersion } from './asked-since.ts';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
/** Its versions of one day after the other, the newest first. */
const appliedDaily = (...syncs: string[][]): AlertVersion[] =>
  syncs
    .map((names, index) => ({
      definition: { to: ['hook'], syncs: names, when: {}, recovered: true } satisfies AlertDefinition,
      at: at(index + 1),
    }))
    .reverse();
const users = (definition: AlertDefinition): boolean => isFor(definition, 'users');

it.each([
  ['from its first version on, when it always did', appliedDaily(['users'], ['users', 'groups']), at(1)],
  ['from the version that began to', appliedDaily(['groups'], ['users'], ['users']), at(2)],
  ['since it last began to, after a break', appliedDaily(['users'], ['groups'], ['users']), at(3)],
  ['not, when it no longer does', appliedDaily(['users'], ['groups']), null],
])('an alert asks %s', (_, versions, since) => {
  expect(askedSince(versions, users)).toEqual(since);
});
