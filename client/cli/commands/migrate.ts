import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { printJson } from '../output.ts';

export function migrateCommand(program: Command, cli: Cli): void {
  program
    .command('migrate')
    .description(
      "bring the ledger's schema and Temporal's search attributes to this version; safe to run twice",
    )
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { io } = cli;
      const { migrateInstallation } = await import('../../migrate-installation.ts');
      const migrated = await migrateInstallation(io.env);
      if (options.json) return printJson(io, migrated);
      const { migrations, searchAttributes } = migrated;
      io.err(migrations.length > 0 ? `ledger: applied ${migrations.join(', ')}` : 'ledger: nothing to do');
      if (searchAttributes === null)
        io.err('Temporal: search attributes could not be registered; runs do without them');
      else if (searchAttributes.length === 0) io.err('Temporal: nothing to do');
      else io.err(`Temporal: registered ${searchAttributes.join(', ')}`);
    });
}
