/**
 * `npm run bench [-- --rows N] [--json] [--skip-analytics-node]`: this product with each client against the script that
 * a user would write, and a run in which nothing changed against the bare COPY; all on this machine, in one run.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { Backhaul } from '../client/backhaul.ts';
import { readDevFile } from '../definitions/dev-file.ts';
import type { RunningDev } from '../dev/supervisor/start-dev.ts';
import { bareCopy } from './bare-copy.ts';
import { tableOf, type Figures, type Report } from './figures.ts';
import { measureRun } from './measure-run.ts';
import { startProcess, type BenchProcess } from './process.ts';
import { loadUsers, MODEL } from './sample-users.ts';
import { say, withDev } from './with-dev.ts';

const DEFAULT_ROWS = 200_000;
/** Far beyond what any machine reaches: the limiter works, and lets everything through. */
const NO_RATE = 10_000_000;
const COPIES = 3;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: String(DEFAULT_ROWS) },
    lanes: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    'skip-analytics-node': { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);

const receiver = startProcess('receiver-process.js');
try {
  const { url } = await receiver.next();
  await withDev(async (dev, home) => {
    const report = await measure(dev, home, receiver, String(url));
    if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(`\n${tableOf(report)}\n\n${JSON.stringify(report)}\n`);
  });
} finally {
  await receiver.end();
}

async function measure(
  dev: RunningDev,
  home: string,
  counter: BenchProcess,
  trackingUrl: string,
): Promise<Report> {
  const databaseUrl = await dev.ensureDatabase('bench');
  say(`Loading ${rows.toLocaleString('en-US')} rows…`);
  await loadUsers(databaseUrl, rows);
  const backhaul = await Backhaul.connect(dev.env);
  const temporal = new Client({ connection: await Connection.connect({ address: dev.temporalAddress }) });
  try {
    await define(backhaul, trackingUrl);
    const workerPid = (await readDevFile(home))?.children.worker?.pid ?? 0;
    const full: Figures[] = [];
    const run = async (what: string, sync: string, options: { full: boolean }): Promise<Figures> => {
      say(`${what}…`);
      const figures = await measureRun(backhaul, temporal, { what, sync, workerPid, ...options });
      const { accepted } = await counter.ask();
      const expected = options.full ? rows : 0;
      if (accepted !== expected)
        throw new Error(`${what}: the receiver took ${String(accepted)} of ${expected} messages`);
      return figures;
    };
    full.push(await script(databaseUrl, trackingUrl, counter));
    full.push(await run('backhaul, client http', 'http', { full: true }));
    if (!values['skip-analytics-node'])
      full.push(await run('backhaul, client analytics-node', 'analytics-node', { full: true }));
    const unchanged = [
      await copies(databaseUrl),
      await run('backhaul, nothing changed', 'http', { full: false }),
    ];
    return {
      rows,
      machine: { cpus: availableParallelism(), node: process.version },
      full,
      unchanged,
      ratios: ratiosOf(full, unchanged),
    };
  } finally {
    await backhaul.close();
    await temporal.connection.close();
  }
}

async function define(backhaul: Backhaul, trackingUrl: string): Promise<void> {
  const segment = (client: string): object => ({
    type: 'segment',
    writeKey: 'bench'.padEnd(32, '0'),
    trackingUrl,
    eventsPerSecond: NO_RATE,
    client,
  });
  const sync = (destination: string): object => ({
    model: 'users',
    destination,
    key: { from: 'user_id', to: 'userId' },
    properties: 'all',
    lanes: Number(values.lanes),
  });
  const text = JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${BENCH_DATABASE_URL}' },
      http: segment('http'),
      'analytics-node': segment('analytics-node'),
    },
    models: { users: { connection: 'warehouse', sql: MODEL } },
    syncs: { http: sync('http'), 'analytics-node': sync('analytics-node') },
  });
  const { definitions, faults } = Backhaul.parseDefinitions([{ path: 'bench.yaml', text }]);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  await (await backhaul.definitions.plan(definitions)).apply();
}

async function script(databaseUrl: string, trackingUrl: string, counter: BenchProcess): Promise<Figures> {
  say('The hand-written script…');
  const child = startProcess('hand-written-script.js', [databaseUrl, trackingUrl]);
  const { failed, peakMb, seconds } = (await child.next()) as {
    failed: number;
    peakMb: number;
    seconds: number;
  };
  await child.end();
  const { accepted, requests } = await counter.ask();
  if (accepted !== rows || failed > 0)
    throw new Error(`the script: the receiver took ${String(accepted)} of ${rows} messages`);
  return {
    what: 'hand-written script',
    rows,
    seconds,
    rowsPerSecond: rows / seconds,
    peakMb,
    requests: Number(requests),
    historyEvents: null,
  };
}

/** The best of a few: the first one also warms the cache that all others read from. */
async function copies(databaseUrl: string): Promise<Figures> {
  say('COPY (model) TO STDOUT alone…');
  const times: number[] = [];
  for (let copy = 0; copy < COPIES; copy++) times.push(await bareCopy(databaseUrl));
  const seconds = Math.min(...times);
  return {
    what: 'COPY (model) TO STDOUT',
    rows,
    seconds,
    rowsPerSecond: rows / seconds,
    peakMb: null,
    requests: 0,
    historyEvents: null,
  };
}

function ratiosOf(full: readonly Figures[], [copy, unchanged]: readonly Figures[]): Record<string, number> {
  const [byHand, http, library] = full;
  const over = (a: Figures | undefined, b: Figures | undefined, of: (figures: Figures) => number): number =>
    a === undefined || b === undefined ? NaN : of(a) / of(b);
  return {
    'http, rows/s of the script': over(http, byHand, ({ rowsPerSecond }) => rowsPerSecond),
    ...(library !== undefined && {
      'analytics-node, rows/s of the script': over(library, byHand, ({ rowsPerSecond }) => rowsPerSecond),
    }),
    'nothing changed, time of the bare COPY': over(unchanged, copy, ({ seconds }) => seconds),
  };
}
