import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { DefinitionFile } from './parse.ts';
import { systemCode } from './system-code.ts';

/** Where definitions are looked for when no path is given: the first that is there. */
export const DEFAULT_PATHS = ['backhaul.yaml', 'backhaul'] as const;

const DEFINITION_FILE = /\.ya?ml$/;

/**
 * The definition files of the given files and folders, in their order; of a folder its own `*.yaml` and `*.yml`,
 * sorted by name. A file that is named twice is read once.
 *
 * Throws `definitions_not_found` for a path that is not there and for a folder without definitions.
 */
export async function loadDefinitionFiles(paths: readonly string[], cwd: string): Promise<DefinitionFile[]> {
  const found = new Map<string, string>();
  const wanted = paths.length > 0 ? paths : [await defaultPath(cwd)];
  for (const path of wanted) {
    for (const file of await filesOf(path, cwd)) {
      const absolute = resolve(cwd, file);
      if (!found.has(absolute)) found.set(absolute, file);
    }
  }
  return Promise.all(
    [...found].map(async ([absolute, path]) => ({
      path,
      text: await readable(path, readFile(absolute, 'utf8')),
      folder: dirname(absolute),
    })),
  );
}

async function defaultPath(cwd: string): Promise<string> {
  for (const path of DEFAULT_PATHS) if ((await kindOf(resolve(cwd, path))) !== null) return path;
  throw new BackhaulError('definitions_not_found', 'neither ./backhaul.yaml nor ./backhaul/');
}

async function filesOf(path: string, cwd: string): Promise<string[]> {
  const absolute = resolve(cwd, path);
  const kind = await kindOf(absolute);
  if (kind === null) throw new BackhaulError('definitions_not_found', path);
  if (kind === 'file') return [path];
  const names = (await readable(path, readdir(absolute))).filter((name) => DEFINITION_FILE.test(name)).sort();
  if (names.length === 0) throw new BackhaulError('definitions_not_found', `no *.yaml or *.yml in ${path}`);
  return names.map((name) => join(path, name));
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw notReadable(path, error);
  }
}

async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw notReadable(path, error);
  }
}

const notReadable = (path: string, error: unknown): BackhaulError =>
  new BackhaulError(
    'definitions_not_found',
    `${path} cannot be read (${systemCode(error) ?? 'no reason given'})`,
    { cause: error },
  );
