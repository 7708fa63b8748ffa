import { expect, it } from '@jest/globals';
import { MAPPINGS_KEPT, nextMappings, type StateMapping } from './state-record.ts';

const mapping = (digest: string): StateMapping => ({ digest, columns: [], known: [] });
const after = (before: string, delivered: string | null, own: string, isDelivered = false): string =>
  nextMappings([...before].map(mapping), delivered, mapping(own), isDelivered)
    .map(({ digest }) => digest)
    .join('');

it.each([
  ['the first of a state', '', null, 'a', false, 'a'],
  ['alone, once everything was delivered by it', 'abc', 'a', 'd', true, 'd'],
  ['behind the others, as long as not', 'a', 'a', 'b', false, 'ab'],
  ['the newest, also when it was there before', 'abc', 'a', 'b', false, 'acb'],
  ['itself still, when it is the delivered one', 'ab', 'a', 'a', false, 'ba'],
])('the mapping of a run is kept: %s', (_, before, delivered, own, isDelivered, expected) => {
  expect(after(before, delivered, own, isDelivered)).toBe(expected);
});

it('the one that was delivered is never left out for newer ones', () => {
  const kept = after('abcdef', 'a', 'g');
  expect(kept).toBe('adefg');
  expect(kept).toHaveLength(MAPPINGS_KEPT);
  expect(after('bcdef', null, 'g')).toBe('cdefg');
});
