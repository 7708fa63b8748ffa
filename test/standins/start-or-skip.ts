import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '../support/required.ts';
import { cacheFolder } from './cache.ts';
import { takeFileLock } from './file-lock.ts';
import { MissingTool } from './missing-tool.ts';

/**
 * What `start` gives, or null on a machine that lacks what the server needs, which is then named at the end of the test
 * run. With CI=true it is a failure.
 */
export async function startOrSkip<T>(source: string, start: () => Promise<T>): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    if (process.env.CI === 'true') throw new Error(`${source}: ${error.tool} is missing`, { cause: error });
    await appendFile(required('TEST_SKIPS'), `${source}: ${error.tool} is missing\n`);
    return null;
  }
}

/** Servers that fill a small machine by themselves take turns, also between test runs. Resolves with what ends the turn. */
export const takeTurn = (): Promise<() => Promise<void>> => takeFileLock(join(cacheFolder(), 'heavy.lock'));
