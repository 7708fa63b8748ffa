import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { freePort } from './free-port.ts';

test('a wanted port is given when it is free, also a second time, and another when it is taken', async () => {
  const wanted = await freePort();
  expect([await freePort(wanted), await freePort(wanted)]).toEqual([wanted, wanted]);
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect((server.address() as AddressInfo).port).toBe(wanted);
    expect(await freePort(wanted)).not.toBe(wanted);
  } finally {
    server.close();
  }
});
