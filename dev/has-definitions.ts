import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DEFAULT_PATHS } from '../definitions/load.ts';

/** Whether there is anything to apply: `dev` also starts without. */
export const hasDefinitions = async (paths: readonly string[], cwd: string): Promise<boolean> => {
  if (paths.length > 0) return true;
  const found = await Promise.all(DEFAULT_PATHS.map((path) => stat(resolve(cwd, path)).catch(() => null)));
  return found.some((entry) => entry !== null);
};
