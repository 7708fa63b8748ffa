import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { printJson } from '../output.ts';
import { printRecap } from '../print-recap.ts';
import { printRun } from '../print-run.ts';

const decisions = {
  approve: 'let a run that waits send the plan that was shown',
  decline: 'end a run that waits: nothing of its plan is sent',
} as const;

/** `recap`, and what a person says to one: `approve` and `decline`. */
export function recapCommands(program: Command, cli: Cli): void {
  program
    .command('recap')
    .description('what the next run of a sync would send; sends nothing')
    .argument('<sync>')
    .option('--json', 'print one JSON document')
    .action((sync: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const recap = await backhaul.syncs.recap(sync);
        if (options.json) return printJson(cli.io, recap);
        printRecap(cli.io, recap);
        if (recap.approval.reasons.length > 0)
          cli.io.err(`A run would wait for an approval: ${recap.approval.reasons.join('; ')}.`);
      }),
    );

  for (const [name, description] of Object.entries(decisions)) {
    program
      .command(name)
      .description(description)
      .argument('<run>')
      .option('--json', 'print one JSON document')
      .action((id: string, options: { json?: boolean }) =>
        cli.withBackhaul(async (backhaul) => {
          const handle = await backhaul.runs.handle(id);
          await (name === 'approve' ? handle.approve() : handle.decline());
          // An approved run sends on its own; a declined one has nothing left to do.
          const run = name === 'approve' ? await handle.get() : await handle.result();
          if (options.json) printJson(cli.io, run);
          else printRun(cli.io, run);
        }),
      );
  }
}
