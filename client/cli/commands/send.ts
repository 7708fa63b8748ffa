import type { Command } from 'commander';
import { INTERRUPTED, type Cli } from '../cli.ts';
import { printJson } from '../output.ts';
import { printSent } from '../print-sent.ts';
import type { SentRow } from '../../send-row.ts';
import { announce, exitOf, follow, printFollowed } from './run.ts';

export function sendCommand(program: Command, cli: Cli): void {
  program
    .command('send')
    .description('run one row through, changed or not, and show what left and what came back')
    .argument('<sync>')
    .requiredOption('--key <value>', 'the key of the row, as it is sent')
    .option('--json', 'print one JSON document')
    .action((sync: string, { json, key }: { key: string; json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const handle = await backhaul.syncs.send(sync, key);
        announce(cli, handle);
        const run = await follow(cli, handle);
        if (run === undefined) return cli.exitWith(INTERRUPTED);
        if (run.status === 'awaiting_approval') {
          await printFollowed(cli, backhaul, run, json);
          return cli.exitWith(exitOf(run));
        }
        const sent = await handle.sent();
        if (json) printJson(cli.io, sent);
        else printSent(cli.io, sent);
        cli.exitWith(exitOfSent(sent));
      }),
    );
}

/** 2 is for what is not there, 1 for all else that was not taken. */
function exitOfSent({ outcome, run }: SentRow): 0 | 1 | 2 {
  if (outcome === 'not_in_model') return 2;
  return outcome === 'accepted' && run.status === 'completed' ? 0 : 1;
}
