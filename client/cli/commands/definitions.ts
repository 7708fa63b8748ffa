import type { Command } from 'commander';
import type { ApplyOptions } from '../definitions/apply.ts';
import type { Cli } from '../cli.ts';

const PATHS = 'files or folders; without any: ./backhaul.yaml, then ./backhaul/';

export function definitionCommands(program: Command, cli: Cli): void {
  program
    .command('validate')
    .description('check definitions, offline; file:line:column for every fault')
    .argument('[path...]', PATHS)
    .option('--json', 'print one JSON document')
    .action(async (paths: string[], options: { json?: boolean }) => {
      const { validate } = await import('../definitions/validate.ts');
      await validate(cli, paths, options);
    });

  program
    .command('apply')
    .description('add and change definitions; --prune also removes what is not given')
    .argument('[path...]', PATHS)
    .option('--dry-run', 'show the changes, make none')
    .option('--prune', 'remove definitions that are not in the files')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON document')
    .action(async (paths: string[], options: ApplyOptions) => {
      const { apply } = await import('../definitions/apply.ts');
      await apply(cli, paths, options);
    });

  program
    .command('export')
    .description('the definitions of the installation as YAML, secrets as references')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { exportDefinitions } = await import('../definitions/export.ts');
      await exportDefinitions(cli, options);
    });
}
