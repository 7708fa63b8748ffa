/**
 * `npm run bench:soak [-- --minutes N --per-minute N --syncs N]`: triggers syncs by several clients of the HTTP API, with and without
 * keys and `full`, and holds what was answered against the ledger, Temporal and the receiver. The last line is its verdict; it ends with
 * 1 when something was lost or done twice.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { Backhaul } from '../../client/backhaul.ts';
import { openHttp } from '../../client/remote/http.ts';
import { startReceiver, type Receiver } from '../../dev/receiver/receiver.ts';
import type { RunningDev } from '../../dev/supervisor/start-dev.ts';
import { startServe } from '../serve-process.ts';
import { say, withDev } from '../with-dev.ts';
import type { Account, Query } from './account.ts';
import { loadPeople, type People } from './people.ts';
import { soak } from './soak.ts';

const ROWS_PER_SYNC = 200;
const CLIENTS = 4;
const PATIENCE_MS = 180_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    'per-minute': { type: 'string', default: '200' },
    syncs: { type: 'string', default: '20' },
  },
});
const perMinute = Number(values['per-minute']);
const triggers = Math.round(perMinute * Number(values.minutes));
const syncs = Array.from({ length: Number(values.syncs) }, (_, index) => `people_${index + 1}`);

const receiver = await startReceiver();
try {
  await withDev(async (dev) => {
    const startedAt = Date.now();
    tell(await soakOn(dev), (Date.now() - startedAt) / 1000);
  });
} finally {
  await receiver.close();
}

async function soakOn(dev: RunningDev): Promise<Account> {
  const warehouse = new pg.Pool({ connectionString: await dev.ensureDatabase('bench') });
  const ledger = new pg.Pool({ connectionString: dev.databaseUrl });
  const people = await loadPeople(queryOf(warehouse), syncs, ROWS_PER_SYNC);
  const backhaul = await Backhaul.connect(dev.env);
  const temporal = new Client({ connection: await Connection.connect({ address: dev.temporalAddress }) });
  const program = fileURLToPath(new URL('../../bin/backhaul.js', import.meta.url));
  const serve = await startServe(program, dev.env);
  const keys = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      backhaul.keys.create({ name: `client ${index + 1}`, role: 'operator' }),
    ),
  );
  const clients = keys.map(({ text }) => openHttp(serve.url, text));
  try {
    await define(backhaul, people, receiver);
    say(`${triggers} triggers, ${perMinute} a minute, over ${syncs.length} syncs…`);
    const books = { ledger: queryOf(ledger), temporal, installation: 'default' };
    return await soak({
      syncs,
      triggers,
      perMinute,
      clients,
      books,
      people,
      receiver,
      patienceMs: PATIENCE_MS,
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await serve.stop();
    await backhaul.close();
    await temporal.connection.close();
    await Promise.all([warehouse.end(), ledger.end()]);
  }
}

function queryOf(pool: pg.Pool): Query {
  return async (sql, parameters = []) => (await pool.query<Record<string, unknown>>(sql, parameters)).rows;
}

async function define(backhaul: Backhaul, people: People, { url: trackingUrl }: Receiver): Promise<void> {
  const named = <T>(of: (sync: string) => T) => Object.fromEntries(syncs.map((sync) => [sync, of(sync)]));
  const text = JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${BENCH_DATABASE_URL}' },
      segment: { type: 'segment', writeKey: 'bench'.padEnd(32, '0'), trackingUrl, eventsPerSecond: 100_000 },
    },
    models: named((sync) => ({ connection: 'warehouse', sql: people.modelOf(sync) })),
    syncs: named((sync) => ({
      model: sync,
      destination: 'segment',
      key: { from: 'user_id', to: 'userId' },
      properties: 'all',
    })),
  });
  const { definitions, faults } = Backhaul.parseDefinitions([{ path: 'soak.yaml', text }]);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  await (await backhaul.definitions.plan(definitions)).apply();
}

function tell({ answers, faults, keys, runs, triggers: sent }: Account, seconds: number): void {
  const { duplicates } = receiver.counts();
  const lines = [
    '',
    `${availableParallelism()} cores, ${Math.round(seconds)} s; ${sent} triggers over ${syncs.length} syncs, by ${CLIENTS} clients:`,
    ...Object.entries(answers).map(([how, count]) => `${String(count).padStart(7)} ${how}`),
    `${String(runs).padStart(7)} runs in Temporal, ${keys} keys, ${syncs.length * ROWS_PER_SYNC} rows, ${duplicates} events that came twice`,
    ...faults.map((fault) => `  ! ${fault}`),
    faults.length === 0
      ? 'soak: held: every trigger is answered, no key started two runs, every run ended, every row arrived'
      : `soak: FAILED: ${faults.length} faults`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (faults.length > 0) process.exitCode = 1;
}
