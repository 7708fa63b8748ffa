#!/usr/bin/env node
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { upgradeCheckCommand } from '../client/cli/commands/upgrade-check.ts';
import { connectCommand } from '../client/cli/commands/connect.ts';
import { colorsFor } from '../client/cli/io.ts';
import { runCli } from '../client/cli/run-cli.ts';
import { askAtTerminal } from './ask.ts';
import { traced } from './traced.ts';
import { devCommand } from '../dev/dev-command.ts';

const err = (line: string): void => void process.stderr.write(`${line}\n`);
const isTerminal = process.stderr.isTTY ?? false;
/** A run that they wait for goes on after Ctrl-C. */
const DETACHING = ['run', 'send', 'retry'];
const interruption = new AbortController();
/** A worker may have given up what goes on until the process ends. */
let endsAtOnce = false;

// `backhaul rows … | head` closes the pipe early, which is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

async function confirm(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !isTerminal) return undefined;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

const main = (): Promise<number> =>
  runCli(
    process.argv.slice(2),
    {
      env: process.env,
      cwd: process.cwd(),
      out: (line) => void process.stdout.write(`${line}\n`),
      async taken() {
        if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
      },
      err,
      isTerminal,
      confirm,
      ask: askAtTerminal(),
      readStdin: () => text(process.stdin),
      interrupted: interruption.signal,
      colors: colorsFor(isTerminal, process.env),
    },
    (program, cli) => {
      // A worker takes SIGINT itself; everything else detaches or ends.
      program.hook('preAction', (_, command) => {
        if (DETACHING.includes(command.name())) process.on('SIGINT', () => interruption.abort());
      });
      program
        .command('worker')
        .description('the process that runs syncs: as many as needed')
        .option('--roles <roles>', 'only these: plan, send; parted by commas. Instead of BACKHAUL_ROLES')
        .action(async ({ roles }: { roles?: string }) => {
          // Temporal's worker takes half a second to load, which no other command should wait for.
          endsAtOnce = true;
          const { runWorker } = await import('../workers/run-worker.ts');
          await runWorker({ ...process.env, ...(roles !== undefined && { BACKHAUL_ROLES: roles }) });
        });
      program
        .command('serve')
        .description('the process of the HTTP API')
        .action(async () => {
          const { serve } = await import('../client/api/serve.ts');
          await serve(process.env);
        });
      devCommand(program, cli);
      connectCommand(program, cli, async (pasted, options) => {
        const { exploreCredential } = await import('../segment/setup.ts');
        return exploreCredential(pasted, options);
      });
      upgradeCheckCommand(program, cli, async (history, workflowId) => {
        const { replayHistory } = await import('../workers/replay-history.ts');
        return replayHistory(history, workflowId);
      });
    },
  );

process.exitCode = await traced(process.argv.slice(2), process.env, err, main);
if (endsAtOnce) process.exit();
