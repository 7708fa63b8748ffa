import { loadDefinitionFiles } from '../../../definitions/load.ts';
import { parseDefinitions } from '../../../definitions/parse.ts';
import type { Definitions } from '../../../definitions/schema.ts';
import type { Cli } from '../cli.ts';
import { printFaults, printJson } from '../output.ts';

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
