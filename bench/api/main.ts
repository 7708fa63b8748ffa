/**
 * `npm run bench:api [-- --rows N --per-second N --seconds N --syncs N --events-per-second N]`: how long clients of the HTTP API wait
 * while a run of 200,000 rows is going on, all on this machine. Beside it what `serve` measured itself. Ends with 1 when the median of
 * an endpoint is not below 50 ms.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Backhaul } from '../../client/backhaul.ts';
import type { RunningDev } from '../../dev/supervisor/start-dev.ts';
import { startProcess } from '../process.ts';
import { loadUsers, MODEL } from '../sample-users.ts';
import { startServe, type ServeProcess } from '../serve-process.ts';
import { say, withDev } from '../with-dev.ts';
import { ask, type Question } from './ask.ts';
import { keepRunning, type KeptRunning } from './keep-running.ts';
import { figuresOf, tableOf } from './report.ts';
import { readServerTimes, timesBetween } from './server-time.ts';

const MEDIAN_BELOW_MS = 50;
const SMALL_ROWS = 100;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    syncs: { type: 'string', default: '20' },
    'per-second': { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    // Far beyond what any machine reaches, so that the run takes all that it can get.
    'events-per-second': { type: 'string', default: '10000000' },
  },
});
const rows = Number(values.rows);
const small = Array.from({ length: Number(values.syncs) - 1 }, (_, index) => `small_${index + 1}`);

const receiver = startProcess('receiver-process.js');
try {
  const { url } = await receiver.next();
  await withDev((dev) => measure(dev, String(url)));
} finally {
  await receiver.end();
}

async function measure(dev: RunningDev, trackingUrl: string): Promise<void> {
  say(`Loading ${rows.toLocaleString('en-US')} rows…`);
  await loadUsers(await dev.ensureDatabase('bench'), rows);
  const backhaul = await Backhaul.connect(dev.env);
  const program = fileURLToPath(new URL('../../bin/backhaul.js', import.meta.url));
  // The limit of a key is for others to measure.
  const serve = await startServe(program, { ...dev.env, BACKHAUL_API_REQUESTS_PER_MINUTE: '9999999' });
  try {
    await define(backhaul, trackingUrl);
    say(`Running ${small.length} small syncs, so that there is something to list…`);
    for (const sync of small) await (await backhaul.syncs.run(sync)).result();
    const { text: key } = await backhaul.keys.create({ name: 'bench', role: 'operator' });
    const kept = await keepRunning(backhaul, 'large');
    try {
      await askWhile(kept, serve, key);
    } finally {
      await kept.stop();
    }
  } finally {
    await serve.stop();
    await backhaul.close();
  }
}

async function askWhile(kept: KeptRunning, { url }: ServeProcess, key: string): Promise<void> {
  const [perSecond, seconds] = [Number(values['per-second']), Number(values.seconds)];
  const questions: Question[] = [
    { name: 'all definitions', method: 'GET', route: '/v1/definitions', path: () => '/v1/definitions' },
    { name: 'schedules', method: 'GET', route: '/v1/schedules', path: () => '/v1/schedules' },
    { name: 'the newest 50 runs', method: 'GET', route: '/v1/runs', path: () => '/v1/runs' },
    {
      name: 'the newest run of a sync',
      method: 'GET',
      route: '/v1/runs',
      path: () => '/v1/runs?sync=large&limit=1',
    },
    {
      name: 'the run that is going on',
      method: 'GET',
      route: '/v1/runs/:id',
      path: () => `/v1/runs/${kept.current()}`,
    },
    {
      name: 'a trigger',
      method: 'POST',
      route: '/v1/syncs/:name/runs',
      path: () => '/v1/syncs/large/runs',
      body: { full: true },
    },
  ];
  say(`Asking ${perSecond} times a second for ${seconds} s while a run of ${values.rows} rows goes on…`);
  const before = await readServerTimes(url, key);
  const asked = await ask(questions, { url, key, perSecond, seconds });
  const after = await readServerTimes(url, key);
  const figures = questions.flatMap((question) => {
    const found = asked.get(question.name);
    const route = `${question.method} ${question.route}`;
    const server = timesBetween(before.get(route) ?? [], after.get(route) ?? []);
    return found === undefined ? [] : [figuresOf(question, found, server)];
  });
  const { length: ended } = kept.ended();
  process.stdout.write(`\n${tableOf(figures)}\n\n`);
  process.stdout.write(
    `${availableParallelism()} cores; meanwhile ${ended} runs of ${values.rows} rows ended, of ${Math.round(ended === 0 ? NaN : kept.rowsPerSecond()).toLocaleString('en-US')} rows/s\n`,
  );
  const slowest = figures.reduce((one, other) => (other.p50Ms > one.p50Ms ? other : one));
  const holds = slowest.p50Ms < MEDIAN_BELOW_MS && figures.every(({ refused }) => refused === 0);
  process.stdout.write(
    `p50 under ${MEDIAN_BELOW_MS} ms: ${holds ? 'yes' : 'NO'}; the highest is ${slowest.p50Ms.toFixed(1)} ms (${slowest.what})\n`,
  );
  if (!holds) process.exitCode = 1;
}

async function define(backhaul: Backhaul, trackingUrl: string): Promise<void> {
  const sync = (model: string): object => ({
    model,
    destination: 'segment',
    key: { from: 'user_id', to: 'userId' },
    properties: 'all',
  });
  const text = JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${BENCH_DATABASE_URL}' },
      segment: {
        type: 'segment',
        writeKey: 'bench'.padEnd(32, '0'),
        trackingUrl,
        eventsPerSecond: Number(values['events-per-second']),
        client: 'http',
      },
    },
    models: {
      users: { connection: 'warehouse', sql: MODEL },
      few: { connection: 'warehouse', sql: `${MODEL} limit ${SMALL_ROWS}` },
    },
    syncs: { large: sync('users'), ...Object.fromEntries(small.map((name) => [name, sync('few')])) },
  });
  const { definitions, faults } = Backhaul.parseDefinitions([{ path: 'bench.yaml', text }]);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  await (await backhaul.definitions.plan(definitions)).apply();
}
