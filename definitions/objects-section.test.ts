import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { withObjectsSection } from './objects-section.ts';

it('docs/segment.md says of objects and behaviours what the code does', () => {
  const page = readFileSync(new URL('../docs/segment.md', import.meta.url), 'utf8');
  // When it is due: npm run build && npm run docs
  expect(withObjectsSection(page)).toBe(page);
});
