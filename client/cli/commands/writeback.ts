import { Option, type Command } from 'commander';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { externalTables, writebackEngines, type WritebackEngine } from '../../writeback-ddl.ts';
import type { Cli } from '../cli.ts';
import { printJson } from '../output.ts';
import { printWritebacks } from '../print-writeback.ts';

export function writebackCommands(program: Command, cli: Cli): void {
  program
    .command('writeback')
    .description('write a run that has ended back, as its sync says now, and wait for the end')
    .argument('<run>')
    .option('--json', 'print one JSON array')
    .action((id: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const written = await backhaul.runs.writeBack(id);
        if (options.json) return printJson(cli.io, written);
        cli.io.out(`run ${id}`);
        printWritebacks(cli.io, written);
      }),
    );

  program
    .command('writeback-ddl')
    .description('print the statements that make external tables of what is written back')
    .addOption(
      new Option('--for <warehouse>', writebackEngines.join(', '))
        .choices(writebackEngines)
        .makeOptionMandatory(),
    )
    .option('--location <url>', 'where the blobs are (default: BACKHAUL_BLOBS)')
    .option('--json', 'print one JSON array of statements')
    .action(async (options: { for: WritebackEngine; location?: string; json?: boolean }) => {
      const location = options.location ?? (await blobsOf(cli.io.env));
      if (location === undefined)
        throw new BackhaulError('usage', 'neither --location nor BACKHAUL_BLOBS says where the blobs are');
      const statements = externalTables(options.for, location);
      if (options.json) return printJson(cli.io, statements);
      cli.io.out(statements.map((statement) => `${statement};`).join('\n\n'));
    });
}

async function blobsOf(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { readEnvironment } = await import('../../../definitions/installation-environment.ts');
  return readEnvironment(env).blobs;
}
