import { Option, type Command } from 'commander';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { rowOutcomes, type RowOutcome } from '../../../vocabulary/row-outcomes.ts';
import type { Cli } from '../cli.ts';
import { formatRows, printPieces, rowFormats, writePieces, type RowFormat } from '../export-rows.ts';
import { plural, printJson } from '../output.ts';
import { printJsonArray } from '../print-json-array.ts';

interface RowsOptions {
  outcome?: RowOutcome;
  payload?: boolean;
  format?: RowFormat;
  output?: string;
  json?: boolean;
}

export function rowsCommand(program: Command, cli: Cli): void {
  program
    .command('rows')
    .description('the rows of a run by what became of them')
    .argument('<run>')
    .option('--outcome <outcome>', rowOutcomes.join(', '), asRowOutcome)
    .option('--payload', 'with the message as Segment got it')
    .addOption(new Option('--format <format>', 'how they are written (default: ndjson)').choices(rowFormats))
    .option('--output <file>', 'write them to a file, which is replaced')
    .option('--json', 'print one JSON array; with --output what was written')
    .action(async (id: string, options: RowsOptions) => {
      const { format = 'ndjson', json = false, outcome, output, payload = false } = options;
      if (json && output === undefined && options.format !== undefined)
        throw new BackhaulError('usage', '--json prints an array; leave out --format, or name an --output');
      await cli.withBackhaul(async (backhaul) => {
        await backhaul.runs.get(id);
        const rows = backhaul.runs.rows(id, { ...(outcome && { outcome }), payload });
        if (output === undefined) {
          if (json) return printJsonArray(cli.io, rows);
          return printPieces(cli.io, formatRows(rows, { format, payload }));
        }
        const pieces = await writePieces(cli.io, output, formatRows(rows, { format, payload }));
        const count = format === 'csv' ? pieces - 1 : pieces;
        if (json) printJson(cli.io, { file: output, format, rows: count });
        else cli.io.err(`${plural(count, 'row')} written to ${output}`);
      });
    });
}

function asRowOutcome(text: string): RowOutcome {
  const outcome = rowOutcomes.find((known) => known === text);
  if (outcome === undefined)
    throw new BackhaulError('usage', `--outcome is one of ${rowOutcomes.join(', ')}`);
  return outcome;
}
