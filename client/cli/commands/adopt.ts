import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { show, withStartingOptions, type StartingOptions } from './run.ts';

interface AdoptCommandOptions extends StartingOptions {
  where?: string;
}

export function adoptCommand(program: Command, cli: Cli): void {
  withStartingOptions(
    program
      .command('adopt')
      .description('record the rows of a sync as delivered and send none')
      .argument('<sync>')
      .option('--where <sql>', 'only rows for which it holds: SQL over the columns of the model'),
  ).action((sync: string, { where, ifRunning, idempotencyKey, ...options }: AdoptCommandOptions) =>
    cli.withBackhaul(async (backhaul) => {
      const handle = await backhaul.syncs.adopt(sync, { where, ifRunning, idempotencyKey });
      await show(cli, backhaul, handle, options);
    }),
  );
}
