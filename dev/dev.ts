import { Backhaul } from '../client/backhaul.ts';
import { INTERRUPTED, type Cli } from '../client/cli/cli.ts';
import { readDefinitions } from '../client/cli/definitions/read.ts';
import { exitOf } from '../client/cli/commands/run.ts';
import { plural, printJson } from '../client/cli/output.ts';
import { printRun } from '../client/cli/print-run.ts';
import type { Definitions } from '../definitions/schema.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Run } from '../vocabulary/run.ts';
import { hasDefinitions } from './has-definitions.ts';
import { runEachOnce } from './run-each-once.ts';
import { listenForStop } from './stop-signals.ts';
import { startDev, type RunningDev } from './supervisor/start-dev.ts';
import { describeDev, sayHowToBegin, sayWhereThingsAre } from './where-things-are.ts';

export interface DevOptions {
  once?: boolean;
  json?: boolean;
}

/** Starts everything on this machine, and stops it again when it is told to, or with `once` when the runs have ended. */
export async function dev(
  cli: Cli,
  paths: string[],
  { json = false, once = false }: DevOptions,
): Promise<void> {
  const { io } = cli;
  const report = (line: string): void => io.err(line);
  // What is wrong with the definitions is said before anything is downloaded or started.
  const given = (await hasDefinitions(paths, io.cwd)) ? await readDefinitions(cli, paths, json) : null;
  if (given === undefined) return cli.exitWith(3);
  if (given === null && once) throw new BackhaulError('definitions_not_found', '--once needs syncs to run');

  // A terminal that was closed takes no more lines, which is no reason to leave children behind.
  process.stderr.on('error', () => undefined);
  const stop = listenForStop();
  try {
    const running = await startDev({ env: io.env, report, api: !once, signal: stop.first });
    try {
      if (given !== null) await applyGiven(cli, running, given);
      if (once && given !== null) return await runOnce(cli, running, given, { json, signal: stop.first });
      if (json) printJson(io, describeDev(running));
      if (given === null) sayHowToBegin(report);
      sayWhereThingsAre(io, running);
      await stop.happened;
    } finally {
      io.err('Stopping…');
      await running.stop(stop.second);
      io.err('Everything has stopped; the next start goes on with the same data.');
    }
  } catch (error) {
    if (!stop.first.aborted) throw error;
  } finally {
    stop.close();
    if (stop.signal() === 'SIGINT') cli.exitWith(INTERRUPTED);
  }
}

async function applyGiven({ io }: Cli, { env }: RunningDev, given: Definitions): Promise<void> {
  const backhaul = await Backhaul.connect(env);
  try {
    const plan = await backhaul.definitions.plan(given);
    const changes = plan.changes.filter(({ change }) => change !== 'unchanged');
    if (changes.length > 0) await plan.apply();
    io.err(
      changes.length === 0
        ? 'The definitions are unchanged.'
        : `Applied ${plural(changes.length, 'change')}.`,
    );
  } finally {
    await backhaul.close();
  }
}

async function runOnce(
  cli: Cli,
  { env }: RunningDev,
  { syncs }: Definitions,
  { json, signal }: { json: boolean; signal: AbortSignal },
): Promise<void> {
  const { io } = cli;
  const backhaul = await Backhaul.connect(env);
  const runs: Run[] = [];
  try {
    for await (const run of runEachOnce({ io, backhaul, syncs: Object.keys(syncs), signal })) {
      runs.push(run);
      if (!json) printRun(io, run);
    }
  } finally {
    await backhaul.close();
  }
  if (json) printJson(io, runs);
  const codes = runs.map(exitOf);
  cli.exitWith(codes.includes(1) ? 1 : codes.includes(5) ? 5 : 0);
}
