import type { Command } from 'commander';
import { migrateLedger } from '../../../ledger/migrate.ts';
import { connectTemporal } from '../../connect-temporal.ts';
import { findInstallation } from '../../environment.ts';
import { registerSearchAttributes } from '../../register-search-attributes.ts';
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
      const { databaseSchema, databaseUrl, temporal } = await findInstallation(io.env);
      const migrations = await migrateLedger({ databaseUrl, schema: databaseSchema });
      const client = await connectTemporal(temporal);
      const searchAttributes = await registerSearchAttributes(client).finally(() =>
        client.connection.close(),
      );
      if (options.json) return printJson(io, { migrations, searchAttributes });
      io.err(migrations.length > 0 ? `ledger: applied ${migrations.join(', ')}` : 'ledger: nothing to do');
      if (searchAttributes === null)
        io.err('Temporal: search attributes could not be registered; runs do without them');
      else if (searchAttributes.length === 0) io.err('Temporal: nothing to do');
      else io.err(`Temporal: registered ${searchAttributes.join(', ')}`);
    });
}
