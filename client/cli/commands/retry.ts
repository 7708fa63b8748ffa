import { Option, type Command } from 'commander';
import { retriedOutcomes, type RetriedOutcome } from '../../../vocabulary/row-outcomes.ts';
import type { Cli } from '../cli.ts';
import { plural, printJson } from '../output.ts';
import { show } from './run.ts';

interface RetryCommandOptions {
  outcome: RetriedOutcome;
  detach?: boolean;
  json?: boolean;
}

export function retryCommand(program: Command, cli: Cli): void {
  program
    .command('retry')
    .description('send the rejected rows of a run again, with their values of now, and wait for the end')
    .argument('<run>')
    .addOption(
      new Option('--outcome <outcome>', 'what is tried again').choices(retriedOutcomes).default('rejected'),
    )
    .option('--detach', 'start it and come back at once')
    .option('--json', 'print one JSON document: the new run, or null')
    .action((id: string, { outcome, ...options }: RetryCommandOptions) =>
      cli.withBackhaul(async (backhaul) => {
        const { io } = cli;
        const { rows, run: handle, withoutKey } = await backhaul.runs.retry(id, { outcome });
        if (withoutKey > 0)
          io.err(`${plural(withoutKey, 'row')} without a key cannot be picked: the next run has them`);
        if (handle === null) {
          io.err(`Nothing to try again: run ${id} has no ${outcome} rows. Nothing was started.`);
          if (options.json) printJson(io, null);
          return;
        }
        io.err(`${plural(rows, 'row')} of run ${id} ${rows === 1 ? 'is' : 'are'} tried again`);
        await show(cli, backhaul, handle, options);
      }),
    );
}
