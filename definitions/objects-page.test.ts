import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { withObjects } from './objects-page.ts';

it('docs/segment.md has the objects and behaviours as they are; `npm run docs` writes them', () => {
  const page = readFileSync(new URL('../docs/segment.md', import.meta.url), 'utf8');
  expect(withObjects(page)).toBe(page);
});
