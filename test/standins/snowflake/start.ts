import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../dev/free-port.ts';
import { standardRows } from '../../conformance/standard-rows.ts';
import { pythonPackages } from '../python.ts';
import { startServer } from '../server.ts';

/** fakesnow asks for a connector of 5.x, which it does not run with. */
const PACKAGES = ['fakesnow[server]==0.12.1', 'snowflake-connector-python==4.8.1', 'cryptography==50.0.2'];

export interface User {
  password?: string;
  /** Of OAuth, or a programmatic access token. */
  token?: string;
  publicKeyPem?: string;
  /** Parameters that are set on the user. */
  settings?: Readonly<Record<string, string | number>>;
}

export interface SnowflakeStandin {
  url: string;
  /** Brings the server into a state: see `provoke` in server.py. */
  provoke(what: string, details?: object): Promise<void>;
  state(): Promise<{ running: number; sessions: number; tags: string[] }>;
  stop(): Promise<void>;
}

/** @param rows whether the standard rows are there; without them a test file starts sooner */
export async function startSnowflakeStandin(
  users: Readonly<Record<string, User>>,
  rows = true,
): Promise<SnowflakeStandin> {
  const python = await snowflakePython();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'snowflake',
    prepare: (folder) => writeRows(join(folder, 'rows.ndjson'), rows),
    program: (folder) => ({
      command: python,
      args: [join(import.meta.dirname, 'server.py')],
      env: {
        PORT: String(port),
        USERS: JSON.stringify(users),
        ROWS: join(folder, 'rows.ndjson'),
        PYTHONDONTWRITEBYTECODE: '1',
      },
    }),
    ready: async () => (await fetch(`${url}/`)).ok,
  });
  return {
    url,
    stop: () => server.stop(),
    async provoke(what, details = {}) {
      await fetch(`${url}/standin/${what}`, { method: 'POST', body: JSON.stringify(details) });
    },
    async state() {
      const answer = await fetch(`${url}/standin/running`);
      return ((await answer.json()) as { data: { running: number; sessions: number; tags: string[] } }).data;
    },
  };
}

/** A Python that has fakesnow, and with it sqlglot. */
export const snowflakePython = async (): Promise<string> =>
  join(await pythonPackages('snowflake', ['3.11', '3.12', '3.13'], PACKAGES), 'python');

async function writeRows(path: string, rows: boolean): Promise<void> {
  if (!rows) return await writeFile(path, '');
  const file = createWriteStream(path);
  for (const row of standardRows()) {
    if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
