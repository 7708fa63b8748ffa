import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
});
afterAll(() => here.close());

it('a session of the ledger that goes silent, as behind a gateway that forgot it, does not hang a run', async () => {
  const target = new URL(here.ledger.url);
  const sockets: Socket[] = [];
  /** Sessions of an earlier generation are open, and nothing passes any more. */
  let generation = 0;
  const proxy = createServer((client) => {
    const mine = generation;
    const server = connect(Number(target.port), target.hostname);
    sockets.push(client, server);
    client.on('data', (data) => void (mine === generation && server.write(data)));
    server.on('data', (data) => void (mine === generation && client.write(data)));
    client.on('error', () => undefined).on('close', () => server.destroy());
    server.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const port = String((proxy.address() as AddressInfo).port);
  const url = Object.assign(new URL(here.ledger.url), { hostname: '127.0.0.1', port });
  const worker = await here.startWorker({ BACKHAUL_DATABASE_URL: url.href });
  try {
    await here.warehouse.query(
      "create table t as select 'u' || g as user_id, 'A' as plan from generate_series(1, 5000) g",
    );
    await here.sync('t', 'select * from t', { lanes: 1 });
    let requests = 0;
    here.receiver.respond(() => {
      requests += 1;
      if (requests === 1) generation += 1;
      return 'accept';
    });
    const run = await here.run('t');
    expect(run).toMatchObject({ status: 'completed', messages: { accepted: 5000 } });
    expect(here.receiver.users().size).toBe(5000);
  } finally {
    await worker.stop();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
}, 180_000);
