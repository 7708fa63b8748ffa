/**
 * Where PostgreSQL lives and as whom. It refuses to run as root; started by root it runs as another user, who
 * must be able to enter every folder above its data and its binaries.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';

const run = promisify(execFile);

export interface User {
  uid: number;
  gid: number;
}

export interface PostgresSite {
  /** Holds `data` and the password. */
  folder: string;
  /** Holds `bin`, `lib` and `share`. */
  binaries: string;
  /** Whom to run it as; undefined: as ourselves. */
  user: User | undefined;
}

/** Chooses the site for a wanted folder: that folder wherever possible, else one of the system's, which is written down beside it. */
export const choosePostgresSite = async (wanted: string): Promise<PostgresSite> => {
  const folder = resolve(wanted);
  const packaged = await findPostgresBinaries();
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true });
    return { folder, binaries: packaged, user: undefined };
  }
  const elsewhere = await readPointer(folder);
  const user = await unprivilegedUser([folder, elsewhere]);
  await mkdir(dirname(folder), { recursive: true });
  const site = await siteAsRoot(folder, elsewhere, user);
  await mkdir(site, { recursive: true });
  await chown(site, user.uid, user.gid);
  const binaries = (await canEnter(packaged, user))
    ? packaged
    : await copyBinaries(packaged, await sharedFolder(packaged, user));
  return { folder: site, binaries, user };
};

/** Data stays where it is, also when it could now be put elsewhere. */
const siteAsRoot = async (folder: string, elsewhere: string | null, user: User): Promise<string> => {
  const enterable = await canEnter(dirname(folder), user);
  if (await isThere(join(folder, 'data'))) {
    if (enterable) return folder;
    throw new BackhaulError(
      'dev_failed',
      `PostgreSQL cannot run as root, and its user may not enter ${folder}`,
      {
        action: 'Let every user enter the folders above it (chmod o+x), as it was when it was made.',
      },
    );
  }
  if (elsewhere !== null && (await isThere(elsewhere))) return elsewhere;
  return enterable ? folder : makeElsewhere(folder, user);
};

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

const unprivilegedUser = async (sites: readonly (string | null)[]): Promise<User> => {
  for (const site of sites.filter((path) => path !== null)) {
    const owner = await stat(join(site, 'data')).catch(() => null);
    if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
      );
      if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
    } catch {
      // No such user: the next.
    }
  }
  return { uid: 65534, gid: 65534 };
};

/** Whether a user may walk down to this folder and into it. */
export const canEnter = async (folder: string, { uid, gid }: User): Promise<boolean> => {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const { mode, uid: owner, gid: group } = await stat(at);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
};

const pointerOf = (folder: string): string => `${folder}.elsewhere`;

const readPointer = async (folder: string): Promise<string | null> => {
  const text = (await readFile(pointerOf(folder), 'utf8').catch(() => '')).trim();
  return text === '' ? null : text;
};

/**
 * A folder that belongs to this one though it lies elsewhere. It is found through a file beside this one: where the
 * file is gone, such as with the rest of BACKHAUL_HOME, the folder is not this one's any more.
 */
const makeElsewhere = async (folder: string, user: User): Promise<string> => {
  const made = await mkdtemp(join(await systemFolder(user), 'backhaul-'));
  await chmod(made, 0o755);
  await writeFile(pointerOf(folder), made);
  return made;
};

/** A folder of the system that any user may enter. The first is kept; the others may be swept after some weeks. */
const systemFolder = async (user: User): Promise<string> => {
  for (const folder of ['/var/lib', '/var/tmp', tmpdir(), '/tmp']) {
    const writable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable && (await canEnter(folder, user))) return folder;
  }
  throw new BackhaulError(
    'dev_failed',
    'PostgreSQL cannot run as root, and no folder is there that another user may enter',
    {
      action:
        'Start it as another user than root, or set BACKHAUL_HOME to a folder that every user may enter.',
    },
  );
};

/** Where the copy of a package's binaries is: every home that uses the package shares it. */
const sharedFolder = async (packaged: string, user: User): Promise<string> => {
  const name = `backhaul-postgres-${createHash('sha256').update(packaged).digest('hex').slice(0, 16)}`;
  const folder = join(await systemFolder(user), name);
  await mkdir(folder, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  // In /tmp everybody may write, so the name may have been taken by a stranger.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new BackhaulError('dev_failed', `${folder} is not root's alone`, { action: 'Remove it.' });
  }
  await chmod(folder, 0o755);
  return folder;
};

const copyBinaries = async (packaged: string, folder: string): Promise<string> => {
  const { mtimeMs } = await stat(join(packaged, 'bin', 'postgres'));
  const copy = join(folder, `binaries-${Math.round(mtimeMs)}`);
  if ((await stat(copy).catch(() => null)) !== null) return copy;
  const draft = `${copy}.${process.pid}`;
  await cp(packaged, draft, { recursive: true, verbatimSymlinks: true });
  // Under a umask such as 077 the package is for root alone.
  await run('chmod', ['-R', 'a+rX', draft]);
  await rename(draft, copy).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    // Another process made the same copy first.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return copy;
};
