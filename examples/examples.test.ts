import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { loadDefinitionFiles } from '../definitions/load.ts';
import { parseDefinitions } from '../definitions/parse.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

test.each([
  ['quickstart.yaml', 'users'],
  ['demo', 'users'],
  ['product-usage', 'product_usage'],
  ['organisation', 'user_organisations'],
  ['classification', 'user_classification'],
])('the example %s is valid, without a warning', async (path, sync) => {
  const { definitions, faults, warnings } = parseDefinitions(await loadDefinitionFiles([path], here));
  expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
  expect(Object.keys(definitions.syncs)).toEqual([sync]);
});
