import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { devEncryptionKeys } from './dev-encryption-keys.ts';
import { devFolders, encryptionKeyFile } from './dev-folders.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'backhaul-key-'));
});
afterEach(() => rm(home, { recursive: true }));

test('a home makes a key once, keeps it, and lets nobody else read it', async () => {
  const folders = devFolders(home);
  const made = await devEncryptionKeys({}, folders);
  expect(readEnvironment({ BACKHAUL_ENCRYPTION_KEYS: made }).encryptionKeys).toHaveLength(1);
  expect(await devEncryptionKeys({ BACKHAUL_ENCRYPTION_KEYS: '' }, folders)).toBe(made);
  expect((await stat(encryptionKeyFile(folders))).mode & 0o777).toBe(0o600);
});

test('keys of the environment are taken as they are', async () => {
  expect(await devEncryptionKeys({ BACKHAUL_ENCRYPTION_KEYS: 'mine' }, devFolders(home))).toBe('mine');
});
