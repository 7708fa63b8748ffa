import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ApplyPlan } from '../../apply.ts';
import type { Cli } from '../cli.ts';
import type { CliIo } from '../io.ts';
import { plural, printJson } from '../output.ts';
import { readDefinitions } from './read.ts';

export interface ApplyOptions {
  dryRun?: boolean;
  prune?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** Shows what the files would change, and changes it once that is agreed to. */
export async function apply(cli: Cli, paths: string[], options: ApplyOptions): Promise<void> {
  const { io } = cli;
  const given = await readDefinitions(cli, paths, options.json ?? false);
  if (given === undefined) return cli.exitWith(3);
  await cli.withBackhaul(async (backhaul) => {
    const plan = await backhaul.definitions.plan(given, { prune: options.prune ?? false });
    const changes = plan.changes.filter(({ change }) => change !== 'unchanged');
    if (!options.json) for (const change of changes) io.err(describeChange(io, change));
    const makes = changes.length > 0 && !options.dryRun;
    if (makes && !options.yes) {
      const answer = options.json ? undefined : await io.confirm('Make these changes?');
      if (answer === undefined)
        throw new BackhaulError('usage', 'apply asks before it changes anything; give --yes');
      if (!answer) return io.err('Nothing was changed.');
    }
    if (makes) await plan.apply();
    if (options.json) printJson(io, { applied: makes, changes });
    else if (changes.length === 0) io.err('Nothing to change.');
    else io.err(makes ? `Applied ${plural(changes.length, 'change')}.` : 'Dry run: nothing was changed.');
  });
}

function describeChange(
  { colors }: CliIo,
  { change, fields, kind, name }: ApplyPlan['changes'][number],
): string {
  switch (change) {
    case 'added':
      return colors.green(`+ ${kind} ${name}`);
    case 'removed':
      return colors.red(`- ${kind} ${name}`);
    case 'changed':
      return colors.yellow(`~ ${kind} ${name}: ${fields.join(', ')}`);
    case 'unchanged':
      return `  ${kind} ${name}`;
  }
}
