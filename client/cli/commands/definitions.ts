import type { Command } from 'commander';
import { loadDefinitionFiles } from '../../../definitions/load.ts';
import { parseDefinitions } from '../../../definitions/parse.ts';
import { renderDefinitions, withoutLiteralSecrets } from '../../../definitions/render.ts';
import { storedSecretsIn } from '../../../definitions/reference-syntax.ts';
import type { Definitions } from '../../../definitions/schema.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ApplyPlan } from '../../apply.ts';
import type { Cli } from '../cli.ts';
import type { CliIo } from '../io.ts';
import { plural, printFaults, printJson } from '../output.ts';

const PATHS = 'files or folders; without any: ./backhaul.yaml, then ./backhaul/';

export function definitionCommands(program: Command, cli: Cli): void {
  program
    .command('validate')
    .description('check definitions, offline; file:line:column for every fault')
    .argument('[path...]', PATHS)
    .option('--json', 'print one JSON document')
    .action(async (paths: string[], options: { json?: boolean }) => {
      const { definitions, faults, warnings } = parseDefinitions(
        await loadDefinitionFiles(paths, cli.io.cwd),
      );
      if (options.json) printJson(cli.io, { valid: faults.length === 0, faults, warnings });
      else printFaults(cli.io, faults, warnings);
      if (faults.length > 0) return cli.exitWith(3);
      if (!options.json) cli.io.out(`valid: ${countOf(definitions)}`);
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
      const given = await readDefinitions(cli, paths, options.json ?? false);
      if (given === undefined) return cli.exitWith(3);
      await apply(cli, given, options);
    });

  program
    .command('export')
    .description('the definitions of the installation as YAML, secrets as references')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const definitions = await cli.withBackhaul((backhaul) => backhaul.definitions.get());
      const connections = withoutLiteralSecrets(definitions.connections);
      for (const [name, connection] of Object.entries(connections)) {
        const stored = storedSecretsIn(connection);
        if (stored.length > 0)
          cli.io.err(
            `${name}: ${stored.join(', ')} is stored encrypted in this installation and is not exported`,
          );
      }
      if (options.json) printJson(cli.io, { ...definitions, connections });
      else cli.io.out(renderDefinitions(definitions).trimEnd());
    });
}

interface ApplyOptions {
  dryRun?: boolean;
  prune?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** The definitions of the files; undefined when they have faults, which are then printed. */
export async function readDefinitions(
  { io }: Pick<Cli, 'io'>,
  paths: string[],
  json: boolean,
): Promise<Definitions | undefined> {
  const { definitions, faults, warnings: all } = parseDefinitions(await loadDefinitionFiles(paths, io.cwd));
  // Whether it is there, the installation will say.
  const warnings = all.filter(({ code }) => code !== 'connection_elsewhere');
  if (json && faults.length > 0) printJson(io, { valid: false, faults, warnings });
  else printFaults(io, faults, warnings);
  return faults.length === 0 ? definitions : undefined;
}

async function apply(cli: Cli, given: Definitions, options: ApplyOptions): Promise<void> {
  const { io } = cli;
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

const countOf = ({ alerts, connections, models, syncs }: Definitions): string =>
  [
    plural(Object.keys(connections).length, 'connection'),
    plural(Object.keys(models).length, 'model'),
    plural(Object.keys(syncs).length, 'sync'),
    ...(Object.keys(alerts).length === 0 ? [] : [plural(Object.keys(alerts).length, 'alert')]),
  ].join(', ');
