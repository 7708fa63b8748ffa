import { readFile, rename, writeFile } from 'node:fs/promises';
import { createApiKey, useApiKey } from '../../ledger/api-keys.ts';
import { openLedger, type LedgerOptions } from '../../ledger/connect.ts';
import { mayActAs } from '../../vocabulary/role.ts';
import { apiKeyFile, type DevFolders } from './dev-folders.ts';

/** As `backhaul keys list` and the audit log show it. */
const NAME = 'backhaul dev';

/**
 * Sees to it that the home has a key of its HTTP API that may do everything: the one of the last start, or a new one when that was
 * revoked, or the ledger is another.
 *
 * @returns the file that holds it, for its owner alone
 */
export const keepDevApiKey = async (options: LedgerOptions, folders: DevFolders): Promise<string> => {
  const file = apiKeyFile(folders);
  const { close, db } = openLedger({ ...options, maxConnections: 1 });
  try {
    const kept = await useApiKey(db, (await readIfThere(file)).trim());
    if (kept !== undefined && mayActAs(kept.role, 'admin')) return file;
    const { text } = await createApiKey(db, { name: NAME, role: 'admin' });
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    return file;
  } finally {
    await close();
  }
};

const readIfThere = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
};
