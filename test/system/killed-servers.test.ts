import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { Backhaul } from '../../client/index.ts';
import { readDevRecord } from '../../definitions/dev-file.ts';
import { startReceiver, type Receiver } from '../../dev/receiver/receiver.ts';
import { startDev, type RunningDev } from '../../dev/supervisor/start-dev.ts';
import { isFinal, type Run } from '../../vocabulary/run.ts';
import { postedIds } from '../support/crash-bench.ts';

const ROWS = 40_000;
const PATIENCE_MS = 240_000;

let home: string;
let dev: RunningDev;
let receiver: Receiver;
let warehouseUrl: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'backhaul-killed-'));
  await chmod(home, 0o755);
  receiver = await startReceiver();
  dev = await startDev({
    home,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH },
    report: () => undefined,
    beforeWorker: async (servers) => {
      warehouseUrl = await servers.ensureDatabase('warehouse');
      return { WAREHOUSE_URL: warehouseUrl, SEGMENT_WRITE_KEY: 'k'.repeat(32) };
    },
  });
});
afterAll(async () => {
  await dev.stop();
  await receiver.close();
  await rm(home, { recursive: true, force: true });
});

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: warehouseUrl });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function withBackhaul<T>(work: (backhaul: Backhaul) => Promise<T>): Promise<T> {
  const backhaul = await Backhaul.connect(dev.env);
  try {
    return await work(backhaul);
  } finally {
    await backhaul.close();
  }
}

async function define(sync: string): Promise<void> {
  const text = JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' },
      segment: {
        type: 'segment',
        writeKey: '${SEGMENT_WRITE_KEY}',
        trackingUrl: receiver.url,
        eventsPerSecond: 100_000,
      },
    },
    models: { [sync]: { connection: 'warehouse', table: sync } },
    syncs: {
      [sync]: {
        model: sync,
        destination: 'segment',
        key: { from: 'id', to: 'userId' },
        properties: 'all',
        lanes: 2,
      },
    },
  });
  const { definitions } = Backhaul.parseDefinitions([{ path: 'test.yaml', text }]);
  await withBackhaul(async (backhaul) => (await backhaul.definitions.plan(definitions)).apply());
}

/** Looks again for as long as a server is away. */
async function ended(id: string): Promise<Run> {
  for (;;) {
    try {
      const run = await withBackhaul((backhaul) => backhaul.runs.get(id));
      if (isFinal(run.status)) return run;
    } catch {
      // A server is on its way back.
    }
    await delay(500);
  }
}

it.each([
  ['Temporal', ['temporal']],
  ['PostgreSQL, which holds the ledger and the warehouse', ['postgres']],
  ['both, one after the other, and the worker', ['temporal', 'postgres', 'worker']],
] as const)(
  'kill -9 of %s in the middle of a run: it completes by itself, and no change has two ids',
  async (_, parts) => {
    const sync = `users_${parts.join('_')}`;
    await query(
      `create table ${sync} as select '${sync}' || g as id, 'A' as plan from generate_series(1, ${ROWS}) g`,
    );
    await define(sync);
    const ids = postedIds();
    receiver.reset();
    let requests = 0;
    const sending = new Promise<void>((resolve) => {
      receiver.respond(({ body }) => {
        ids.note(body);
        requests += 1;
        if (requests === 3) resolve();
        return { delayMs: 150 };
      });
    });
    const { id } = await withBackhaul((backhaul) => backhaul.syncs.run(sync));
    await sending;
    for (const part of parts) {
      const pid = (await readDevRecord(home))?.children[part]?.pid;
      expect(pid).toBeGreaterThan(0);
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await delay(700);
    }
    expect(await ended(id)).toMatchObject({
      status: 'completed',
      number: 1,
      messages: { planned: ROWS, accepted: ROWS },
    });
    expect(ids.twice()).toEqual([]);
    expect(receiver.users().size).toBe(ROWS);
    const again = await withBackhaul(async (backhaul) => (await backhaul.syncs.run(sync)).result());
    expect(again).toMatchObject({ status: 'completed', rows: { unchanged: ROWS }, requests: 0 });
  },
  PATIENCE_MS,
);
