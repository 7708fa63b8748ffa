import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const DIST = join(import.meta.dirname, '../../dist');
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

/** Resolution hooks of Node that write down the clients of warehouses which a program loads. */
const HOOKS = `
  import { appendFileSync } from 'node:fs';
  let file;
  export const initialize = (data) => { file = data.file; };
  export const resolve = (specifier, context, next) => {
    if (${JSON.stringify(CLIENTS)}.some((name) => specifier === name || specifier.startsWith(name + '/'))) appendFileSync(file, specifier + '\\n');
    return next(specifier, context);
  };`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-lazy-'));
  await writeFile(join(folder, 'hooks.mjs'), HOOKS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The clients that a program of the build loads. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const log = join(folder, 'loaded');
  await writeFile(log, '');
  const register = join(folder, 'register.mjs');
  await writeFile(
    register,
    `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(join(folder, 'hooks.mjs')).href)}, { data: { file: ${JSON.stringify(log)} } });`,
  );
  await run(process.execPath, ['--import', pathToFileURL(register).href, ...args]);
  return (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
}

describe('the client of a warehouse is loaded when it is used', () => {
  it('not by the command line', async () => {
    expect(await loadedBy([join(DIST, 'bin/backhaul.js'), '--help'])).toEqual([]);
  });

  it('not by what a worker is made of', async () => {
    expect(await loadedBy([join(DIST, 'workers/open-worker.js')])).toEqual([]);
  });

  it('not by a source of another warehouse', async () => {
    expect(await loadedBy([await opening('postgres')])).toEqual([]);
  });

  it('by its own', async () => {
    expect(await loadedBy([await opening('mysql')])).toContain('mysql2');
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
