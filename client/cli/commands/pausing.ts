import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { printJson } from '../output.ts';
import { printRun } from '../print-run.ts';
import { printSchedules } from './schedules.ts';

const about = {
  pause: 'pause a run: it finishes its pages under way; of a sync: nothing starts it by itself',
  resume: 'let a paused run, or what starts a sync, go on',
} as const;

export function pausingCommands(program: Command, cli: Cli): void {
  for (const name of ['pause', 'resume'] as const) {
    program
      .command(name)
      .description(about[name])
      .argument('<run|sync>')
      .option('--json', 'print one JSON document')
      .action((id: string, options: { json?: boolean }) =>
        cli.withBackhaul(async (backhaul) => {
          const { syncs } = await backhaul.definitions.get();
          if (Object.hasOwn(syncs, id)) {
            await backhaul.syncs[name](id);
            const schedules = (await backhaul.schedules.list()).filter(({ sync }) => sync === id);
            if (options.json) printJson(cli.io, schedules[0]);
            else printSchedules(cli.io, schedules);
            return;
          }
          const handle = await backhaul.runs.handle(id);
          await handle[name]();
          const run = await handle.get();
          if (options.json) printJson(cli.io, run);
          else printRun(cli.io, run);
        }),
      );
  }
}
