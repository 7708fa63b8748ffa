import { expect, test } from '@jest/globals';
import { parseDefinitions } from '../definitions/parse.ts';
import { FIRST_DEFINITIONS } from './first-definitions.ts';

test('the definitions that dev shows to begin with are sound', () => {
  const { definitions, faults, warnings } = parseDefinitions([
    { path: 'backhaul.yaml', text: FIRST_DEFINITIONS },
  ]);
  expect([faults, warnings]).toEqual([[], []]);
  expect(Object.keys(definitions.syncs)).toEqual(['users']);
});
