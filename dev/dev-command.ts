import type { Command } from 'commander';
import type { Cli } from '../client/cli/cli.ts';
import type { DevOptions } from './dev.ts';

export function devCommand(program: Command, cli: Cli): void {
  program
    .command('dev')
    .description('everything on this machine: Temporal with its UI, PostgreSQL, a worker and the HTTP API')
    .argument('[path...]', 'definitions to apply; without any: ./backhaul.yaml, then ./backhaul/, if there')
    .option('--once', 'run every sync of the definitions once, print the runs, stop')
    .option('--json', 'print one JSON document: with --once the runs, else where things are')
    .action(async (paths: string[], options: DevOptions) => {
      const { dev } = await import('./dev.ts');
      await dev(cli, paths, options);
    });
}
