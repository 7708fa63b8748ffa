import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { PostgresSite } from './postgres-site.ts';
import { postgresEnvironment } from './postgres-environment.ts';

const run = promisify(execFile);

export const SUPERUSER = 'backhaul';

export interface PostgresCluster {
  site: PostgresSite;
  /** The data directory. */
  data: string;
  password: string;
}

/** Makes the cluster of a site on first use; afterwards finds it, with its password. */
export const openPostgresCluster = async (
  site: PostgresSite,
  onInitialise: () => void = () => undefined,
): Promise<PostgresCluster> => {
  const data = join(site.folder, 'data');
  const major = (await readIfThere(join(data, 'PG_VERSION')))?.trim();
  const passwordFile = join(site.folder, 'password');
  if (major !== undefined && (await readIfThere(passwordFile)) === undefined) {
    throw new BackhaulError('dev_failed', `the password of the data in ${data} is gone: ${passwordFile}`, {
      action: 'Write it again, or move BACKHAUL_HOME away to begin anew.',
    });
  }
  const password = await ownPassword(passwordFile);
  if (major === undefined) {
    onInitialise();
    await initialise(site, data, password);
  } else await checkVersion(site, major);
  return { site, data, password };
};

/** Where a database of the cluster is reached. */
export const clusterUrl = ({ password }: PostgresCluster, port: number, database: string): string =>
  `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

/** The server listens on loopback, where every user of the machine is: without a password each could become it. */
const ownPassword = async (path: string): Promise<string> => {
  const known = await readIfThere(path);
  if (known !== undefined) return known.trim();
  const password = randomBytes(18).toString('base64url');
  const draft = `${path}.new`;
  await writeFile(draft, password, { mode: 0o600 });
  await rename(draft, path);
  return password;
};

const initialise = async (
  { folder, binaries, user }: PostgresSite,
  data: string,
  password: string,
): Promise<void> => {
  // Made beside and moved, so that a data directory is either whole or not there; each time under a name of its own,
  // since the initdb of a start that was killed may still be at work.
  await removeDrafts(folder);
  const id = randomBytes(6).toString('hex');
  const draft = join(folder, `${DRAFT_PREFIX}${id}`);
  const passwordFile = join(folder, `${PASSWORD_PREFIX}${id}`);
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same sort order and case rules on every machine.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ],
      { env: postgresEnvironment, cwd: folder, ...user },
    );
    await rename(draft, data);
  } catch (cause) {
    const { code, stderr } = cause as { code?: string | number; stderr?: string };
    // initdb's last line says why, and holds names of files only.
    const reason = stderr?.trim().split('\n').at(-1) ?? '';
    throw new BackhaulError(
      'dev_failed',
      `PostgreSQL: initdb in ${draft} ended with ${code ?? 'an error'}. ${reason}`,
      {
        action: 'Mend what it names, then start again.',
        cause,
      },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
};

const DRAFT_PREFIX = 'data-new-';
const PASSWORD_PREFIX = 'initdb-password-';

const removeDrafts = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(DRAFT_PREFIX) && !name.startsWith(PASSWORD_PREFIX)) continue;
    // What cannot be removed yet is removed by a later start.
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

const checkVersion = async ({ binaries, folder, user }: PostgresSite, major: string): Promise<void> => {
  const { stdout } = await run(join(binaries, 'bin', 'postgres'), ['--version'], {
    env: postgresEnvironment,
    cwd: folder,
    ...user,
  });
  const ours = /(\d+)/.exec(stdout)?.[1];
  if (ours === major) return;
  throw new BackhaulError(
    'dev_failed',
    `the data in ${folder} is of PostgreSQL ${major}, this is ${ours ?? 'another'}`,
    {
      action:
        'Go back to the version of Backhaul that wrote it and dump what you need, or move BACKHAUL_HOME away to begin anew.',
    },
  );
};

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
