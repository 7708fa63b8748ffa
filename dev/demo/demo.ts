/**
 * `npm run demo`: a sample product's database, a stand-in for Segment, and everything between them on this machine.
 * It runs the sync, changes one percent of the people, and runs it again.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { Backhaul } from '../../client/backhaul.ts';
import type { CliIo } from '../../client/cli/io.ts';
import { counted, plural } from '../../client/cli/output.ts';
import { showProgress } from '../../client/cli/progress.ts';
import type { DescribedRun } from '../../client/runs.ts';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { loadDefinitionFiles } from '../../definitions/load.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { secondsSince } from '../progress.ts';
import { startDev, type RunningDev } from '../supervisor/start-dev.ts';
import { changeOnePercent, type Changes } from './change-people.ts';
import { prepareDemo, type Prepared } from './prepare-demo.ts';
import { sayOutcome, sayWhatNext } from './say-outcome.ts';

export interface DemoOptions {
  io: CliIo;
  /** Stop when it is done instead of staying up. */
  once: boolean;
  /** `first`: stop; `second`: do not wait for what is in flight. */
  stop: { first: AbortSignal; second: AbortSignal; happened: Promise<void> };
}

const SYNC = 'users';

/** @returns whether everything went as it should */
export async function demo({ io, once, stop }: DemoOptions): Promise<boolean> {
  // A home of its own: a person's `backhaul dev` in this folder stays as it is.
  const home = join(readEnvironment(io.env).home, 'demo');
  const prepared: Prepared[] = [];
  try {
    const dev = await startDev({
      home,
      env: io.env,
      api: !once,
      report: (line) => io.out(line),
      signal: stop.first,
      beforeWorker: async (servers) => {
        const made = await prepareDemo(io, servers);
        prepared.push(made);
        return made.variables;
      },
    });
    try {
      const backhaul = await Backhaul.connect(dev.env);
      try {
        const [made] = prepared;
        if (made === undefined) throw new BackhaulError('internal', 'the demo was not prepared');
        return await show({ io, once, stop }, dev, backhaul, made);
      } finally {
        await backhaul.close();
      }
    } finally {
      io.out('Stopping…');
      await dev.stop(stop.second);
      io.out('Everything has stopped.');
      if (once) io.out('`npm run demo` without --once stays up, to look around.');
    }
  } finally {
    for (const { receiver } of prepared) await receiver.close();
  }
}

async function show(
  { io, once, stop }: DemoOptions,
  { api, home }: RunningDev,
  backhaul: Backhaul,
  { receiver, sampleUrl }: Prepared,
): Promise<boolean> {
  await applyDefinitions(io, backhaul);
  const first = await runOnce({ io, stop }, backhaul, 'First run');
  const changes = await change(io, sampleUrl);
  const before = receiver.users().get(changes.renamed)?.traits ?? {};
  const second = await runOnce({ io, stop }, backhaul, 'Second run');
  const fine = sayOutcome(io, { first, second, changes, before, receiver });
  if (once) return fine;
  sayWhatNext(io, { api, home, first, second, receiverUrl: receiver.url });
  await stop.happened;
  return fine;
}

async function applyDefinitions(io: CliIo, backhaul: Backhaul): Promise<void> {
  const clone = dirname(createRequire(import.meta.url).resolve('backhaul/package.json'));
  const path = join('examples', 'demo', 'backhaul.yaml');
  const { definitions, faults } = Backhaul.parseDefinitions(await loadDefinitionFiles([path], clone));
  if (faults.length > 0) throw new BackhaulError('definitions_invalid', path);
  await (await backhaul.definitions.plan(definitions)).apply();
  io.out(`${path} is applied: the connections, the model and the sync.`);
}

async function runOnce(
  { io, stop }: Pick<DemoOptions, 'io' | 'stop'>,
  backhaul: Backhaul,
  name: string,
): Promise<DescribedRun> {
  stop.first.throwIfAborted();
  const started = performance.now();
  io.out(`${name} of the sync "${SYNC}"…`);
  const handle = await backhaul.syncs.run(SYNC);
  const cancel = (): void => void handle.cancel().catch(() => undefined);
  stop.first.addEventListener('abort', cancel, { once: true });
  const ended = showProgress(io, handle);
  ended.catch(() => undefined);
  await Promise.race([ended, aborted(stop.second)]);
  stop.first.removeEventListener('abort', cancel);
  stop.first.throwIfAborted();
  const run = await backhaul.runs.get(handle.id);
  const sent = plural(run.messages.accepted, 'person', 'people');
  io.out(`${name} ${run.status}: ${sent} sent of ${counted(run.rows.read)} (${secondsSince(started)}).`);
  return run;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

async function change(io: CliIo, sampleUrl: string): Promise<Changes> {
  const started = performance.now();
  const client = new pg.Client({ connectionString: sampleUrl });
  await client.connect();
  try {
    const changes = await changeOnePercent(client);
    io.out(
      `One percent of the people has changed: ${counted(changes.events)} new events of ${counted(changes.people)} people in ` +
        `${changes.organisations} organisations, one of which changed its plan; ${changes.renamed} took another name, ` +
        `${changes.added} came, ${changes.deleted} was deleted (${secondsSince(started)}).`,
    );
    return changes;
  } finally {
    await client.end();
  }
}
