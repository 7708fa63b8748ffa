import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock.ts';

/** Where servers that tests install are kept: the next run finds them. */
export const cacheFolder = (): string =>
  process.env.BACKHAUL_TEST_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'backhaul-test');

/**
 * A folder of the cache that is filled once, also when several test files or runs want it. Anew when `recipe`, which says
 * all that goes into it, has changed.
 */
export async function installedOnce(
  name: string,
  recipe: unknown,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `${name}-${digest}`);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  await withFileLock(`${folder}.lock`, async () => {
    if (existsSync(complete)) return;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    process.stderr.write(`Installing ${name} for its tests into ${folder}\n`);
    await install(folder);
    await writeFile(complete, '');
  });
  return folder;
}
