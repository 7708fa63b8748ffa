// docs/errors.md from the table of errors. Run after `npm run build`; vocabulary/errors.test.ts fails when it is due.
import { writeFile } from 'node:fs/promises';
import { errorsPage } from '../dist/vocabulary/errors-page.js';

await writeFile(new URL('../docs/errors.md', import.meta.url), errorsPage());
