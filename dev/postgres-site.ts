/**
 * Where PostgreSQL lives and as whom. It refuses to run as root; started by root it runs as another user, who
 * must be able to enter every folder above its data and its binaries.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
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

/** Chooses the site for a wanted folder: that folder wherever possible, else one under the system's that is named after it. */
export const choosePostgresSite = async (wanted: string): Promise<PostgresSite> => {
  const folder = resolve(wanted);
  const packaged = await findPostgresBinaries();
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true });
    return { folder, binaries: packaged, user: undefined };
  }
  const user = await unprivilegedUser(folder);
  await mkdir(dirname(folder), { recursive: true });
  const site = (await canEnter(dirname(folder), user))
    ? folder
    : join(await sharedFolder(folder, user), 'postgres');
  await mkdir(site, { recursive: true });
  await chown(site, user.uid, user.gid);
  const binaries = (await canEnter(packaged, user))
    ? packaged
    : await copyBinaries(packaged, await sharedFolder(packaged, user));
  return { folder: site, binaries, user };
};

const unprivilegedUser = async (folder: string): Promise<User> => {
  const owner = await stat(join(folder, 'data')).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
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

/** A folder that outlives us, under a name that follows from ours. */
const sharedFolder = async (ours: string, user: User): Promise<string> => {
  const name = `backhaul-${createHash('sha256').update(ours).digest('hex').slice(0, 16)}`;
  for (const base of ['/var/tmp', tmpdir(), '/tmp']) {
    if (!(await canEnter(base, user).catch(() => false))) continue;
    const folder = join(base, name);
    await mkdir(folder, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    // Everybody may write next to it, so the name may have been taken by a stranger.
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) continue;
    await chmod(folder, 0o755);
    return folder;
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
