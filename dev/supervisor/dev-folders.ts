import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What lies where under BACKHAUL_HOME. */
export interface DevFolders {
  home: string;
  blobs: string;
  scratch: string;
  logs: string;
  /** PostgreSQL's, where its user can enter it. */
  postgres: string;
  temporal: string;
}

export const devFolders = (home: string): DevFolders => {
  const root = resolve(home);
  return {
    home: root,
    blobs: join(root, 'blobs'),
    scratch: join(root, 'scratch'),
    logs: join(root, 'logs'),
    postgres: join(root, 'postgres'),
    temporal: join(root, 'temporal'),
  };
};

export const logFile = ({ logs }: DevFolders, part: string): string => join(logs, `${part}.log`);

export const encryptionKeyFile = ({ home }: DevFolders): string => join(home, 'encryption-key');

/** Holds a key of the HTTP API. */
export const apiKeyFile = ({ home }: DevFolders): string => join(home, 'api-key');

/** In it an HTTP API that has begun to listen says so. */
export const apiListeningFile = ({ home }: DevFolders): string => join(home, 'api-listens');

export const temporalDatabase = ({ temporal }: DevFolders): string => join(temporal, 'temporal.db');

/** As BACKHAUL_BLOBS takes it. */
export const blobsUrl = ({ blobs }: DevFolders): string => pathToFileURL(blobs).href;

export const makeDevFolders = async (folders: DevFolders): Promise<void> => {
  await mkdir(folders.home, { recursive: true });
  // They hold rows, and a person's home folder is often open to others.
  for (const folder of [folders.blobs, folders.scratch, folders.logs, folders.temporal]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  // The usual place is inside a person's repository.
  await writeFile(join(folders.home, '.gitignore'), '*\n');
};
