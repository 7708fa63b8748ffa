import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DevFile } from '../../definitions/dev-file.ts';
import { backhaul } from '../../test/support/cli.ts';
import { openDevHome, type DevHome, type DevProcess } from '../../test/support/dev-process.ts';
import { freePort } from '../free-port.ts';

// Two starts, on a machine that may be slow and busy.
jest.setTimeout(120_000);

let home: DevHome;
let dev: DevProcess;
let file: DevFile;
let port: number;
beforeAll(async () => {
  [home, port] = [await openDevHome(), await freePort()];
  ({ dev, file } = await home.startReady([], { BACKHAUL_PORT: `${port}`, BACKHAUL_HOST: '0.0.0.0' }));
});
afterAll(() => home.close());

const keyOf = async (): Promise<string> => (await readFile(join(home.home, 'api-key'), 'utf8')).trim();
const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${file.apiUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${await keyOf()}`, 'content-type': 'application/json' },
  });

test('it listens on BACKHAUL_PORT, and on this machine alone', async () => {
  expect(file.apiUrl).toBe(`http://127.0.0.1:${port}`);
  expect(dev.said()).toContain(`${file.apiUrl}/reference`);
  expect((await fetch(`${file.apiUrl}/reference`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.2:${port}/healthz`)).rejects.toThrow();
});

test('the key of the home may do everything, is for its owner alone, and is nowhere else', async () => {
  expect((await fetch(`${file.apiUrl}/v1/keys`)).status).toBe(401);
  expect(await (await call('/v1/keys')).json()).toMatchObject([{ name: 'backhaul dev', role: 'admin' }]);
  expect(dev.said()).toContain(join('.backhaul', 'api-key'));
  expect((await stat(join(home.home, 'api-key'))).mode & 0o777).toBe(0o600);
  const [, , secret = ''] = (await keyOf()).split('_');
  expect(secret).not.toBe('');
  for (const name of ['dev.json', 'logs/api.log', 'logs/worker.log'])
    expect(await readFile(join(home.home, name), 'utf8')).not.toContain(secret);
  expect(dev.said()).not.toContain(secret);
});

test('a definition that comes by it may name what runs on this machine', async () => {
  const connection = {
    type: 'segment',
    trackingUrl: 'http://localhost:8421',
    settingsUrl: 'http://127.0.0.1:1',
  };
  const stored = await call('/v1/connections', {
    method: 'POST',
    body: JSON.stringify({
      connections: {
        segment: {
          definition: { ...connection, writeKey: '${secret:writeKey}' },
          secrets: { writeKey: 'w' },
        },
      },
    }),
  });
  expect([stored.status, await stored.json()]).toEqual([200, { stored: ['segment'] }]);
});

test('the command line goes through it', async () => {
  const env = { PATH: process.env.PATH, BACKHAUL_URL: file.apiUrl, BACKHAUL_API_KEY: await keyOf() };
  const { code, json } = await backhaul(['keys', 'list', '--json'], { env });
  expect([code, json()]).toMatchObject([0, [{ name: 'backhaul dev' }]]);
});

test('the next start keeps port and key, without BACKHAUL_PORT too', async () => {
  const before = await keyOf();
  dev.kill('SIGINT');
  expect(await dev.exited).toBe(130);
  expect(await home.processes()).toEqual([]);
  ({ dev, file } = await home.startReady());
  expect(file.apiUrl).toBe(`http://127.0.0.1:${port}`);
  expect(await keyOf()).toBe(before);
  expect((await call('/v1/audit')).status).toBe(200);
  dev.kill('SIGINT');
  await dev.exited;
});

test('a BACKHAUL_PORT that is taken is refused before anything is started', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const taken = (other.address() as AddressInfo).port;
  const refused = home.start([], { BACKHAUL_PORT: `${taken}` });
  expect(await refused.exited).toBe(2);
  expect(refused.said()).toContain(`BACKHAUL_PORT: port ${taken} of this machine is taken`);
  expect(refused.said()).not.toContain('is starting');
  other.close();
});
