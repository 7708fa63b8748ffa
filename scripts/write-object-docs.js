// The tables of objects and behaviours in docs/segment.md. Run after `npm run build`; definitions/objects-page.test.ts fails when it is due.
import { readFile, writeFile } from 'node:fs/promises';
import { withObjects } from '../dist/definitions/objects-page.js';

const page = new URL('../docs/segment.md', import.meta.url);
await writeFile(page, withObjects(await readFile(page, 'utf8')));
