import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { show } from './run.ts';

interface AdoptCommandOptions {
  where?: string;
  detach?: boolean;
  ifRunning: 'attach' | 'fail';
  idempotencyKey?: string;
  json?: boolean;
}

export function adoptCommand(program: Command, cli: Cli): void {
  program
    .command('adopt')
    .description('record the rows of a sync as delivered and send none')
    .argument('<sync>')
    .option('--where <sql>', 'only rows for which it holds: SQL over the columns of the model')
    .option('--detach', 'start it and come back at once')
    .addOption(
      new Option('--if-running <what>', 'when a run with the same arguments goes on')
        .choices(['attach', 'fail'])
        .default('attach'),
    )
    .option('--idempotency-key <key>', 'given again within 7 days it returns the same run')
    .option('--json', 'print one JSON document')
    .action((sync: string, { where, ifRunning, idempotencyKey, ...options }: AdoptCommandOptions) =>
      cli.withBackhaul(async (backhaul) => {
        const handle = await backhaul.syncs.adopt(sync, { where, ifRunning, idempotencyKey });
        await show(cli, backhaul, handle, options);
      }),
    );
}
