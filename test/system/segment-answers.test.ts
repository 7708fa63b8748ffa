import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import type { WorkerProcess } from '../support/worker-process.ts';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

let here: TestInstallation;
let worker: WorkerProcess;
let gateway: Server;
/** What the gateway answers for a batch that it has handed on; null: what Segment answered. */
let instead: Answer | null = null;
beforeAll(async () => {
  gateway = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const handedOn = request(`${here.receiver.url}${incoming.url}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.concat(chunks),
      });
      void handedOn.then(async ({ body, statusCode }) => {
        const text = await body.text();
        if (instead === null) outgoing.writeHead(statusCode).end(text);
        else outgoing.writeHead(instead.status, instead.headers).end(instead.body);
      });
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const trackingUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  here = await openInstallation({ segment: { trackingUrl } });
  worker = await here.startWorker();
});
afterAll(async () => {
  await here.close();
  gateway.closeAllConnections();
  gateway.close();
});
beforeEach(() => {
  here.receiver.respond(null);
  here.receiver.reset();
});

let syncs = 0;
async function syncOf(select: string, fields: object = {}): Promise<string> {
  const name = `answers_${++syncs}`;
  await here.warehouse.query(`create table ${name} as ${select}`);
  await here.sync(name, `select * from ${name}`, fields);
  return name;
}

describe('a batch that a gateway has handed on, and for which it answers', () => {
  it.each<[string, Answer]>([
    ['503 with Retry-After', { status: 503, headers: { 'retry-after': '60' }, body: '' }],
    ['200 with success: false', { status: 200, headers: {}, body: '{"success":false}' }],
    ['502', { status: 502, headers: {}, body: '' }],
  ])('%s is in doubt: a row that is set back ends as it was', async (_, answer) => {
    const name = await syncOf(`select 'user-${syncs}' as user_id, 'A' as plan`);
    await here.run(name);
    await here.warehouse.query(`update ${name} set plan = 'B'`);
    instead = answer;
    const handle = await here.backhaul.syncs.run(name);
    const answered = 'select 1 from backhaul.posts where run_id = $1 and outcome is not null';
    while ((await here.ledger.query(answered, [handle.id])).length === 0) await delay(20);
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
    instead = null;
    await here.warehouse.query(`update ${name} set plan = 'A'`);
    await here.ledger.query('update backhaul.rate_limits set held_until = null');
    expect(await here.run(name)).toMatchObject({ status: 'completed' });
    expect([...here.receiver.users().values()].map(({ traits }) => traits)).toEqual([{ plan: 'A' }]);
  });
});

describe('rows that Segment refuses in every run', () => {
  it.each([40, 400])('(%d of them) do not hold back a later change', async (bad) => {
    const name = await syncOf(
      `select 'u' || g as user_id, 'A' as plan from generate_series(1, 500) g
       union all select 'bad' || g, 'A' from generate_series(1, ${bad}) g`,
      { limits: { rejected: '100%' } },
    );
    here.receiver.respond(({ body }) => (body.includes('"userId":"bad') ? { status: 400 } : 'accept'));
    expect(await here.run(name)).toMatchObject({ messages: { accepted: 500, rejected: bad } });
    expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { rejected: bad } });
    await here.warehouse.query(
      `update ${name} set plan = 'B' where user_id = 'u7'; insert into ${name} values ('new', 'B')`,
    );
    expect(await here.run(name)).toMatchObject({ messages: { accepted: 2, rejected: bad } });
    expect(here.receiver.users().get('u7')?.traits).toEqual({ plan: 'B' });
  });

  it('do not hide that it has begun to refuse everything', async () => {
    const name = await syncOf("select 'v' || g as user_id, 'A' as plan from generate_series(1, 500) g");
    await here.run(name);
    await here.warehouse.query(`update ${name} set plan = 'B'`);
    here.receiver.respond(() => ({ status: 400 }));
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'segment_refuses_everything' },
    });
  });
});

describe('a write key that is changed on the workers in the middle of a run', () => {
  it('ends the run, and the true source gets the rest from the next one', async () => {
    const name = await syncOf(`select 'u' || g as user_id, 'A' as plan from generate_series(1, 20000) g`, {
      lanes: 1,
    });
    const keys = new Map<string, Set<string>>();
    here.receiver.respond(({ body }) => {
      const { batch, writeKey } = JSON.parse(body) as { writeKey: string; batch: { userId: string }[] };
      const users = keys.get(writeKey) ?? new Set();
      keys.set(writeKey, users);
      for (const { userId } of batch) users.add(userId);
      return 'accept';
    });
    const handle = await here.backhaul.syncs.run(name);
    while (keys.size === 0) await delay(5);
    await handle.pause();
    const recorded = 'select 1 from backhaul.pages where run_id = $1 and recorded_at is not null';
    while ((await here.ledger.query(recorded, [handle.id])).length === 0) await delay(20);
    await worker.stop();
    const other = await here.startWorker({ SEGMENT_WRITE_KEY: 'another-source'.padEnd(32, '1') });
    await handle.resume();
    expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'destination_changed' } });
    await other.stop();
    worker = await here.startWorker();
    expect(await here.run(name)).toMatchObject({ status: 'completed' });
    expect([...keys].map(([key, users]) => [key.slice(0, 7), users.size])).toEqual([['planted', 20_000]]);
  }, 120_000);
});
