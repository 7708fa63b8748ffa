import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openInstallation } from '../support/installation.ts';

const run = promisify(execFile);
const DIST = join(import.meta.dirname, '../../dist');
const BACKHAUL = join(DIST, 'bin/backhaul.js');
const CLIENTS = [
  'snowflake-sdk',
  '@google-cloud/bigquery',
  '@google-cloud/bigquery-storage',
  'apache-arrow',
  '@googleapis/sheets',
  'google-auth-library',
  '@elastic/elasticsearch',
  '@rockset/client',
  'mysql2',
  '@aws-sdk/client-redshift',
  '@aws-sdk/client-redshift-data',
  '@aws-sdk/client-redshift-serverless',
  '@aws-sdk/client-s3',
];
/** What each command is made of. */
const COMMAND_LINE = ['commander', 'picocolors'];
const DEFINITIONS = ['cron-parser', 'yaml', 'zod'];

/** Resolution hooks of Node that write down the packages which the product itself loads. */
const HOOKS = `
  import { appendFileSync } from 'node:fs';
  let file;
  export const initialize = (data) => { file = data.file; };
  export const resolve = (specifier, context, next) => {
    const isPackage = /^[@a-z]/.test(specifier) && !/^(node|file|data):/.test(specifier);
    if (isPackage && !context.parentURL?.includes('/node_modules/')) appendFileSync(file, specifier + '\\n');
    return next(specifier, context);
  };`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-lazy-'));
  await writeFile(join(folder, 'hooks.mjs'), HOOKS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The packages that a program of the build loads. */
async function loadedBy(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const log = join(folder, 'loaded');
  await writeFile(log, '');
  const register = join(folder, 'register.mjs');
  await writeFile(
    register,
    `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(join(folder, 'hooks.mjs')).href)}, { data: { file: ${JSON.stringify(log)} } });`,
  );
  await run(process.execPath, ['--import', pathToFileURL(register).href, ...args], { env, cwd: folder });
  const specifiers = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return [...new Set(specifiers.map(packageOf))].sort();
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const clientsIn = (loaded: readonly string[]): string[] => loaded.filter((name) => CLIENTS.includes(name));

describe('a command loads what it needs', () => {
  it('nothing besides, to say how it is used', async () => {
    expect(await loadedBy([BACKHAUL, '--help'])).toEqual(COMMAND_LINE);
    expect(await loadedBy([BACKHAUL, 'run', '--help'])).toEqual(COMMAND_LINE);
  });

  it('what reads definitions, to check them', async () => {
    await writeFile(join(folder, 'backhaul.yaml'), 'version: 1\n');
    expect(await loadedBy([BACKHAUL, 'validate'])).toEqual([...COMMAND_LINE, ...DEFINITIONS].sort());
  });

  it('clients of Temporal, of the ledger and of blobs, unless it goes through the HTTP API', async () => {
    const direct = await openInstallation();
    try {
      expect(await loadedBy([BACKHAUL, 'runs'], direct.env)).toEqual(
        expect.arrayContaining(['@temporalio/client', 'flydrive', 'pg']),
      );
    } finally {
      await direct.close();
    }
    const remote = await openInstallation({ through: 'the HTTP API' });
    try {
      expect(await loadedBy([BACKHAUL, 'runs'], remote.commandEnv)).toEqual(
        [...COMMAND_LINE, '@opentelemetry/api', 'eventsource-parser', 'undici', 'zod'].sort(),
      );
    } finally {
      await remote.close();
    }
  });
});

describe('the client of a warehouse is loaded when it is used', () => {
  it('not by what a worker is made of', async () => {
    expect(clientsIn(await loadedBy([join(DIST, 'workers/open-worker.js')]))).toEqual([]);
  });

  it('not by a source of another warehouse', async () => {
    expect(clientsIn(await loadedBy([await opening('postgres')]))).toEqual([]);
  });

  it('by its own', async () => {
    expect(clientsIn(await loadedBy([await opening('mysql')]))).toContain('mysql2');
  });
});

/** A program that opens a warehouse which does not answer. */
async function opening(type: string): Promise<string> {
  const script = join(folder, `open-${type}.mjs`);
  const open = pathToFileURL(join(DIST, 'sources/open.js')).href;
  await writeFile(
    script,
    `import { openSource } from ${JSON.stringify(open)};
     const connection = { type: '${type}', url: '${type}://a@127.0.0.1:1/b', statementTimeout: '1h' };
     const source = await openSource('w', connection, { signal: new AbortController().signal, allowedEndpoints: [] });
     await source.validate(null).catch(() => undefined);
     await source.close();`,
  );
  return script;
}
