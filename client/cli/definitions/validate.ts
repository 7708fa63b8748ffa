import { loadDefinitionFiles } from '../../../definitions/load.ts';
import { parseDefinitions } from '../../../definitions/parse.ts';
import type { Definitions } from '../../../definitions/schema.ts';
import type { Cli } from '../cli.ts';
import { plural, printFaults, printJson } from '../output.ts';

/** Says what is wrong with the files, or what is in them. Offline. */
export async function validate(cli: Cli, paths: string[], options: { json?: boolean }): Promise<void> {
  const { io } = cli;
  const { definitions, faults, warnings } = parseDefinitions(await loadDefinitionFiles(paths, io.cwd));
  if (options.json) printJson(io, { valid: faults.length === 0, faults, warnings });
  else printFaults(io, faults, warnings);
  if (faults.length > 0) return cli.exitWith(3);
  if (!options.json) io.out(`valid: ${countOf(definitions)}`);
}

const countOf = ({ alerts, connections, models, syncs }: Definitions): string =>
  [
    plural(Object.keys(connections).length, 'connection'),
    plural(Object.keys(models).length, 'model'),
    plural(Object.keys(syncs).length, 'sync'),
    ...(Object.keys(alerts).length === 0 ? [] : [plural(Object.keys(alerts).length, 'alert')]),
  ].join(', ');
