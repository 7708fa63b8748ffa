import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { devFilePath, readDevFile, type DevFile } from '../../definitions/dev-file.ts';
import { openDevHome, type DevHome, type DevProcess } from '../../test/support/dev-process.ts';

let home: DevHome;
let dev: DevProcess;
let file: DevFile;
const taken: Server[] = [];

const take = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  taken.push(server);
  return (server.address() as AddressInfo).port;
};

beforeAll(async () => {
  home = await openDevHome();
  const ports = { postgres: await take(), temporal: await take(), ui: await take(), api: await take() };
  await mkdir(home.home);
  await writeFile(devFilePath(home.home), JSON.stringify(recordWith(ports)));
  ({ dev, file } = await home.startReady([], {
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
    TEMPORAL_API_KEY: 'planted-secret',
    BACKHAUL_DATABASE_URL: 'postgres://someone:planted-secret@db.example.com/ledger',
  }));
});
afterAll(async () => {
  await home.close();
  for (const server of taken) server.close();
});

const recordWith = (ports: DevFile['ports']): DevFile => ({
  version: 1,
  state: 'ready',
  supervisor: { pid: 1, startedAt: 'long ago' },
  children: {},
  databaseUrl: 'postgresql://127.0.0.1/backhaul',
  temporalAddress: '127.0.0.1:7233',
  uiUrl: 'http://127.0.0.1:8233',
  blobs: 'file:///nowhere',
  postgresData: '/nowhere',
  ports,
});

test('ports of the last start that are taken by now are replaced by free ones, which is said', () => {
  const before = taken.map((server) => (server.address() as AddressInfo).port);
  for (const port of before) expect(dev.said()).toContain(`Port ${port} is taken`);
  for (const port of Object.values(file.ports)) expect(before).not.toContain(port);
});

test('a Temporal and a ledger of the environment are ignored, which is said without their values', async () => {
  expect(dev.said()).toContain('BACKHAUL_DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_API_KEY');
  expect(dev.said()).not.toContain('planted-secret');
  expect(dev.said()).not.toContain('example.com');
});

test('no password is in what it says', () => {
  const { password } = new URL(file.databaseUrl);
  expect(password).not.toBe('');
  expect(dev.said()).not.toContain(password);
});

test('the Temporal UI answers at the address that is named', async () => {
  expect(dev.said()).toContain(file.uiUrl);
  expect((await fetch(file.uiUrl)).status).toBe(200);
});

test('a second dev on the same home is refused and leaves the first as it is', async () => {
  const second = home.start();
  expect(await second.exited).toBe(2);
  expect(second.said()).toContain('dev_already_running');
  expect(await readDevFile(home.home)).toEqual(file);
});

test('SIGTERM stops everything', async () => {
  dev.kill('SIGTERM');
  expect(await dev.exited).toBe(0);
  expect(await home.processes()).toEqual([]);
});
