import { Option, type Command } from 'commander';
import type { Run } from '../../../vocabulary/run.ts';
import type { Backhaul } from '../../backhaul.ts';
import type { RunHandle } from '../../run-handle.ts';
import { INTERRUPTED, type Cli } from '../cli.ts';
import { printJson } from '../output.ts';
import { showProgress } from '../progress.ts';
import { printHowToApprove, printRecap } from '../print-recap.ts';
import { printRun } from '../print-run.ts';

/** Of every command that starts a run of a sync. */
export interface StartingOptions {
  detach?: boolean;
  ifRunning: 'attach' | 'fail';
  idempotencyKey?: string;
  json?: boolean;
}

interface RunCommandOptions extends StartingOptions {
  full?: boolean;
  review?: boolean;
}

export const withStartingOptions = (command: Command): Command =>
  command
    .option('--detach', 'start it and come back at once')
    .addOption(
      new Option('--if-running <what>', 'when a run with the same arguments goes on')
        .choices(['attach', 'fail'])
        .default('attach'),
    )
    .option('--idempotency-key <key>', 'given again within 7 days it returns the same run')
    .option('--json', 'print one JSON document');

export function runCommand(program: Command, cli: Cli): void {
  withStartingOptions(
    program
      .command('run')
      .description('run a sync and wait for its end')
      .argument('<sync>')
      .option('--full', 'send every row again, changed or not')
      .option('--review', 'map everything, show what would be sent, and wait for an approval'),
  ).action((sync: string, options: RunCommandOptions) =>
    cli.withBackhaul(async (backhaul) => {
      const { full = false, idempotencyKey, ifRunning, review = false } = options;
      const handle = await backhaul.syncs.run(sync, { full, review, idempotencyKey, ifRunning });
      await show(cli, backhaul, handle, options);
    }),
  );
}

/** Shows a run that was started: its end, or with `detach` how it stands. */
export async function show(
  cli: Cli,
  backhaul: Backhaul,
  handle: RunHandle,
  { detach = false, json = false }: { detach?: boolean; json?: boolean },
): Promise<void> {
  announce(cli, handle);
  const run = detach ? await handle.get() : await follow(cli, handle);
  if (run === undefined) return cli.exitWith(INTERRUPTED);
  await printFollowed(cli, backhaul, run, json);
  cli.exitWith(exitOf(run));
}

/** A run that has ended, or that waits, with what it would send. */
export async function printFollowed({ io }: Cli, backhaul: Backhaul, run: Run, json = false): Promise<void> {
  const recap = run.status === 'awaiting_approval' ? await backhaul.runs.recap(run.id) : null;
  if (json) return printJson(io, recap === null ? run : { ...run, recap });
  printRun(io, run);
  if (recap === null) return;
  printRecap(io, recap);
  printHowToApprove(io, run.id, recap.approval.reasons);
}

/** Waits for the end, or for the moment when a person is waited for; undefined when Ctrl-C detached. */
export async function follow(cli: Cli, handle: RunHandle): Promise<Run | undefined> {
  const { io } = cli;
  const interrupted = new Promise<undefined>((resolve) => {
    if (io.interrupted.aborted) resolve(undefined);
    io.interrupted.addEventListener('abort', () => resolve(undefined));
  });
  const run = await Promise.race([showProgress(io, handle), interrupted]);
  if (run === undefined) {
    io.err('');
    io.err(`Detached: the run goes on. Look at it with \`backhaul describe ${handle.id}\`,`);
    io.err(`stop it with \`backhaul cancel ${handle.id}\`.`);
  }
  return run;
}

export function announce({ io }: Cli, { how, id, sync }: RunHandle): void {
  switch (how) {
    case 'started':
      return io.err(`run ${id} of ${sync}`);
    case 'attached':
      return io.err(`run ${id} of ${sync} is going on: this waits for it`);
    case 'existing':
      return io.err(`run ${id} of ${sync} was given by this idempotency key`);
    case 'skipped':
      return io.err(`recorded as skipped: another run of ${sync} is going on`);
  }
}

/** 1 is for a run that failed or went beyond the limits of its sync, whatever the code of its error. */
export function exitOf(run: Run): 0 | 1 | 5 {
  switch (run.status) {
    case 'completed':
    case 'queued':
    case 'working':
    case 'paused':
      return 0;
    case 'awaiting_approval':
      return 5;
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return 1;
  }
}
