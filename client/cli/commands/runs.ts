import type { Command } from 'commander';
import { definitionKinds, sectionOf, type Section } from '../../../definitions/schema.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { withoutSecrets } from '../without-secrets.ts';
import type { Cli } from '../cli.ts';
import { asCount } from '../as-count.ts';
import { counted, printJson, table } from '../output.ts';
import { printHowToApprove, printRecap } from '../print-recap.ts';
import { approvalText, deliveryText, printRun, printRuns } from '../print-run.ts';
import { printWritebacks } from '../print-writeback.ts';
import { listSchedules } from './schedules.ts';

export function runCommands(program: Command, cli: Cli): void {
  program
    .command('runs')
    .description('runs, newest first')
    .argument('[sync]')
    .option('--limit <n>', 'most that are listed', asCount, 20)
    .option('--json', 'print one JSON array')
    .action(async (sync: string | undefined, options: { limit: number; json?: boolean }) => {
      await listRuns(cli, { ...(sync !== undefined && { sync }), limit: options.limit }, options.json);
    });

  program
    .command('cancel')
    .description('cancel a run: what is in flight is finished and recorded')
    .argument('<run>')
    .option('--json', 'print one JSON document')
    .action((id: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const handle = await backhaul.runs.handle(id);
        await handle.cancel();
        const run = await handle.result();
        if (options.json) printJson(cli.io, run);
        else printRun(cli.io, run);
      }),
    );

  program
    .command('list')
    .description('connections, models, syncs, alerts, runs, schedules')
    .argument('<kind>', 'connections, models, syncs, alerts, runs or schedules')
    .option('--json', 'print one JSON array')
    .action(async (kind: string, options: { json?: boolean }) => {
      if (kind === 'runs') return listRuns(cli, {}, options.json);
      if (kind === 'schedules') return listSchedules(cli, options.json);
      if (!isSection(kind)) {
        throw new BackhaulError(
          'usage',
          `${kind}: list connections, models, syncs, alerts, runs or schedules`,
        );
      }
      const named = (await cli.withBackhaul((backhaul) => backhaul.definitions.get()))[kind];
      const items = Object.entries<object>(named).map(([name, definition]) => ({
        name,
        ...withoutSecrets(definition),
      }));
      if (options.json) return printJson(cli.io, items);
      const about = (item: Record<string, unknown>): string =>
        ['type', 'connection', 'model', 'destination', 'to']
          .flatMap((field) => (field in item ? [`${field} ${String(item[field])}`] : []))
          .join(', ');
      table(
        cli.io,
        ['NAME', 'WHAT'],
        items.map((item) => [item.name, about(item)]),
      );
    });

  program
    .command('describe')
    .description('a run, or connection/NAME, model/NAME, sync/NAME, alert/NAME')
    .argument('<what>')
    .option('--json', 'print one JSON document')
    .action((what: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const [, written, name = ''] = /^([a-z]+)\/(.+)$/.exec(what) ?? [];
        const kind = definitionKinds.find((one) => one === written);
        if (kind !== undefined) {
          const section = (await backhaul.definitions.get())[sectionOf[kind]];
          const definition = section[name];
          if (definition === undefined) throw new BackhaulError(`${kind}_not_found`, name);
          return printJson(cli.io, { name, ...withoutSecrets(definition) });
        }
        const run = await backhaul.runs.get(what);
        // Of one that has ended it may be purged.
        const recap = run.status === 'awaiting_approval' ? await backhaul.runs.recap(what) : null;
        if (options.json) return printJson(cli.io, recap === null ? run : { ...run, recap });
        printRun(cli.io, run);
        for (const [word, reasons] of [
          ['invalid', run.invalid],
          ['rejected', run.rejected],
        ] as const) {
          for (const [reason, count] of Object.entries(reasons))
            cli.io.out(`  ${word}  ${counted(count)} ${reason}`);
        }
        if (run.approval !== null) cli.io.out(`  approval  ${approvalText(run.approval)}`);
        if (run.delivery !== null)
          cli.io.out(`  Segment   ${deliveryText(run.messages.accepted, run.delivery)}`);
        printWritebacks(cli.io, run.writeback);
        if (recap === null) return;
        printRecap(cli.io, recap);
        printHowToApprove(cli.io, run.id, recap.approval.reasons);
      }),
    );
}

const isSection = (kind: string): kind is Section => (Object.values(sectionOf) as string[]).includes(kind);

async function listRuns(cli: Cli, filter: { sync?: string; limit?: number }, json = false): Promise<void> {
  const runs = await cli.withBackhaul(async (backhaul) => {
    const listed = await backhaul.runs.list(filter);
    const { syncs } = await backhaul.definitions.get();
    // Runs of a sync that was removed since are still there.
    const { sync } = filter;
    if (sync !== undefined && listed.length === 0 && !Object.hasOwn(syncs, sync)) {
      throw new BackhaulError('sync_not_found', sync);
    }
    return listed;
  });
  if (json) printJson(cli.io, runs);
  else printRuns(cli.io, runs);
}
