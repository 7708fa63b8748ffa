import { copyFile, stat, truncate } from 'node:fs/promises';

export const MAX_LOG_BYTES = 20 * 1024 * 1024;

/**
 * Keeps a log of a running program from growing without end: a large one moves to `<log>.1`, over the one
 * before. The file stays in place, as the program has it open (for appending, so it goes on at the new end).
 */
export const boundLog = async (path: string, maxBytes = MAX_LOG_BYTES): Promise<void> => {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size <= maxBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
};
