// What pages have from the code: all of docs/errors.md, and the objects and behaviours in docs/segment.md. Run after
// `npm run build`; vocabulary/errors.test.ts and definitions/objects-section.test.ts fail when it is due.
import { readFile, writeFile } from 'node:fs/promises';
import { withObjectsSection } from '../dist/definitions/objects-section.js';
import { errorsPage } from '../dist/vocabulary/errors-page.js';

const docs = new URL('../docs/', import.meta.url);
await writeFile(new URL('errors.md', docs), errorsPage());
const segment = new URL('segment.md', docs);
await writeFile(segment, withObjectsSection(await readFile(segment, 'utf8')));
