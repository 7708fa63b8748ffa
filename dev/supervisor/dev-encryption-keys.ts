import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { encryptionKeyFile, type DevFolders } from './dev-folders.ts';

const KEY_BYTES = 32;

/** Those of the environment, else one of this home, made at its first start and kept beside its data. */
export async function devEncryptionKeys(env: NodeJS.ProcessEnv, folders: DevFolders): Promise<string> {
  const given = env.BACKHAUL_ENCRYPTION_KEYS;
  if (given !== undefined && given !== '') return given;
  const file = encryptionKeyFile(folders);
  try {
    await writeFile(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
