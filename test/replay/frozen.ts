import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One folder a version, and `unreleased`. */
export const HISTORIES = fileURLToPath(new URL('./histories/', import.meta.url));

/** Beside the histories of a released version: the SHA-256 of each, since they are never recorded anew. */
export const FROZEN = 'frozen.sha256.json';

export const digestsOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json') && file !== FROZEN)
      .sort()
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(`${folder}${file}`))
          .digest('hex'),
      ]),
  );
