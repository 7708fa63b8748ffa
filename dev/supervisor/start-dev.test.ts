import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { readDevFile } from '../../definitions/dev-file.ts';
import { Backhaul } from '../../client/index.ts';
import { openDevHome, type DevHome } from '../../test/support/dev-process.ts';
import { freePort } from '../free-port.ts';
import { startDev, type RunningDev } from './start-dev.ts';

// Two starts, on a machine that may be slow and busy.
jest.setTimeout(120_000);

let home: DevHome;
let dev: RunningDev;
let ports: RunningDev['ports'];
const said: string[] = [];
const report = (line: string): void => void said.push(line);

beforeAll(async () => {
  home = await openDevHome();
  ports = {
    temporal: await freePort(),
    ui: await freePort(),
    postgres: await freePort(),
    api: await freePort(),
  };
  dev = await startDev({
    home: home.home,
    env: home.env,
    ports,
    report,
    async beforeWorker(servers) {
      const url = await servers.ensureDatabase('sample "warehouse"');
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query("create table users as select 1 as id, 'a@example.com' as email");
      await client.end();
      return { WAREHOUSE_URL: url };
    },
  });
});
afterAll(async () => {
  await dev.stop();
  await home.close();
});

test('a program gets the ports that it wants', () => {
  expect(dev.ports).toEqual(ports);
  expect(dev.temporalAddress).toBe(`127.0.0.1:${ports.temporal}`);
  expect(dev.uiUrl).toBe(`http://127.0.0.1:${ports.ui}`);
});

test('the worker knows what was made before its start, and the library reaches it', async () => {
  const backhaul = await Backhaul.connect(dev.env);
  try {
    const { definitions } = Backhaul.parseDefinitions([
      {
        path: 'backhaul.yaml',
        text: `
version: 1
connections: { warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" } }
models: { users: { connection: warehouse, sql: select id from users } }
`,
      },
    ]);
    await (await backhaul.definitions.plan(definitions)).apply();
    expect((await backhaul.models.preview('users')).rows).toEqual([['1']]);
  } finally {
    await backhaul.close();
  }
});

test('other commands find it by BACKHAUL_HOME alone', async () => {
  const backhaul = await Backhaul.connect({ BACKHAUL_HOME: home.home });
  try {
    expect(Object.keys((await backhaul.definitions.get()).models)).toEqual(['users']);
  } finally {
    await backhaul.close();
  }
});

test('a command that finds it stores secrets, and its worker reads them', async () => {
  const backhaul = await Backhaul.connect({ BACKHAUL_HOME: home.home });
  try {
    const url = await dev.ensureDatabase('sample "warehouse"');
    const definition = { type: 'postgres', url: '${secret:url}', statementTimeout: '1h' } as const;
    await backhaul.connections.store({ typed: { definition, secrets: { url } } });
    expect(await backhaul.connections.check('typed')).toMatchObject({ notes: [] });
  } finally {
    await backhaul.close();
  }
});

test('what holds rows or a password is for its owner alone, and nothing of it is committed by mistake', async () => {
  for (const name of ['blobs', 'scratch', 'logs', 'temporal', 'dev.json', 'encryption-key', 'api-key']) {
    expect([name, (await stat(join(home.home, name))).mode & 0o077]).toEqual([name, 0]);
  }
  expect(await readFile(join(home.home, '.gitignore'), 'utf8')).toBe('*\n');
});

test('the pid file of a server that is gone does not keep PostgreSQL from starting', async () => {
  await dev.stop();
  const { postgresData } = JSON.parse(await readFile(join(home.home, 'dev.json'), 'utf8')) as {
    postgresData: string;
  };
  // This process lives, and is no server: as after the restart of a container, in which ids begin anew.
  await writeFile(join(postgresData, 'postmaster.pid'), `${process.pid}\n${postgresData}\n`);
  dev = await startDev({ home: home.home, env: home.env, report });
  expect(dev.ports).toEqual(ports);
});

test('a port of the HTTP API that another one takes during the start is replaced, and that one is not taken for ours', async () => {
  await dev.stop();
  const other = createServer(({ url }, response) => response.writeHead(url === '/readyz' ? 200 : 401).end());
  try {
    dev = await startDev({
      home: home.home,
      env: home.env,
      report,
      async beforeWorker() {
        await once(other.listen(ports.api, '127.0.0.1'), 'listening');
        return {};
      },
    });
    expect(said).toContain(`Port ${ports.api} is taken: the HTTP API gets ${dev.ports.api}.`);
    expect(await (await fetch(`${dev.api?.url}/readyz`)).json()).toMatchObject({ ready: true });
    expect(await readDevFile(home.home)).toMatchObject({
      apiUrl: dev.api?.url,
      ports: { api: dev.ports.api },
    });
  } finally {
    other.close();
  }
});

test('a failure while the sample data is made leaves nothing running', async () => {
  await dev.stop();
  const failing = startDev({
    home: home.home,
    env: home.env,
    report,
    beforeWorker: () => Promise.reject(new Error('no sample today')),
  });
  await expect(failing).rejects.toThrow('no sample today');
  expect(await home.processes()).toEqual([]);
});
