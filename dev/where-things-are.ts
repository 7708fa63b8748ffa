import type { CliIo } from '../client/cli/io.ts';
import { devFilePath } from '../definitions/dev-file.ts';
import { DEFAULT_HOME } from '../definitions/installation-environment.ts';
import { FIRST_DEFINITIONS } from './first-definitions.ts';
import type { RunningDev } from './supervisor/start-dev.ts';
import { relative, resolve } from 'node:path';

type Described = Pick<RunningDev, 'api' | 'databaseUrl' | 'home' | 'logs' | 'temporalAddress' | 'uiUrl'>;

/** Where a running `dev` is found, without its password. */
export const describeDev = ({ api, databaseUrl, home, logs, temporalAddress, uiUrl }: Described) => ({
  home,
  logs,
  temporalAddress,
  temporalUiUrl: uiUrl,
  databaseUrl: withoutPassword(databaseUrl),
  apiUrl: api?.url ?? null,
  apiKeyFile: api?.keyFile ?? null,
});

export const sayWhereThingsAre = ({ cwd, err }: Pick<CliIo, 'cwd' | 'err'>, dev: Described): void => {
  const { apiKeyFile, apiUrl, databaseUrl, home, logs, temporalAddress, temporalUiUrl } = describeDev(dev);
  const near = (path: string): string => {
    const short = relative(cwd, path);
    return short.startsWith('..') ? path : short;
  };
  err('');
  err(`  Temporal UI  ${temporalUiUrl}`);
  err(`  Temporal     ${temporalAddress}`);
  err(`  PostgreSQL   ${databaseUrl} (password: in ${near(devFilePath(home))})`);
  if (apiUrl !== null && apiKeyFile !== null)
    err(`  HTTP API     ${apiUrl}/reference (a key that may do all: in ${near(apiKeyFile)})`);
  err(`  logs         ${near(logs)}`);
  const isDefault = home === resolve(cwd, DEFAULT_HOME);
  err(`  elsewhere    ${isDefault ? '' : `BACKHAUL_HOME=${home} `}backhaul run SYNC, in another terminal`);
  err('  Ctrl-C stops everything.');
};

export const sayHowToBegin = (err: (line: string) => void): void => {
  err('No definitions here yet. A first backhaul.yaml:');
  err('');
  for (const line of FIRST_DEFINITIONS.trimEnd().split('\n')) err(`    ${line}`);
  err('');
  err('Set the two variables, start `backhaul dev` again in that folder, then `backhaul run users`.');
};

const withoutPassword = (text: string): string => {
  const url = new URL(text);
  url.password = '';
  return url.href;
};
