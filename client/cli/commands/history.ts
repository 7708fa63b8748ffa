import type { Command } from 'commander';
import type { HistoryEntry } from '../../key-history.ts';
import { asCount } from '../as-count.ts';
import type { Cli } from '../cli.ts';
import { plural, printJson } from '../output.ts';
import { printHistory } from '../print-history.ts';

interface HistoryCommandOptions {
  key: string;
  limit?: number;
  payload?: boolean;
  json?: boolean;
}

export function historyCommand(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('every run that touched a key, newest first')
    .argument('<sync>')
    .requiredOption('--key <value>', 'the key, as it is sent')
    .option('--payload', 'with the messages, as long as they are kept')
    .option('--limit <n>', 'runs that are looked through (default: 100)', asCount)
    .option('--json', 'print one JSON array')
    .action((sync: string, { json, key, limit, payload = false }: HistoryCommandOptions) =>
      cli.withBackhaul(async (backhaul) => {
        const found = backhaul.syncs.history(sync, key, { limit, payload });
        const entries: HistoryEntry[] = [];
        let next = await found.next();
        for (; next.done !== true; next = await found.next()) entries.push(next.value);
        const { more, runs } = next.value;
        if (json) printJson(cli.io, entries);
        else if (entries.length > 0) printHistory(cli.io, entries);
        else cli.io.err(`No run touched this key, of ${plural(runs, 'run')}.`);
        if (more)
          cli.io.err(
            `The last ${plural(runs, 'run')} were looked through; --limit ${runs * 10} goes further back.`,
          );
      }),
    );
}
