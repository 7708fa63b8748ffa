// What pages have from the code: all of docs/errors.md, and the objects and behaviours in docs/segment.md. Run after
// `npm run build`; vocabulary/errors.test.ts and definitions/objects-page.test.ts fail when it is due.
import { readFile, writeFile } from 'node:fs/promises';
import { withObjects } from '../dist/definitions/objects-page.js';
import { errorsPage } from '../dist/vocabulary/errors-page.js';

const docs = new URL('../docs/', import.meta.url);
await writeFile(new URL('errors.md', docs), errorsPage());
const segment = new URL('segment.md', docs);
await writeFile(segment, withObjects(await readFile(segment, 'utf8')));
