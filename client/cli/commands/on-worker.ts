import type { Command } from 'commander';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { Cli } from '../cli.ts';
import { errorOf, printError, printJson, table } from '../output.ts';

const MAX_PREVIEW_ROWS = 1000;
const MAX_CELL = 40;

export function workerCommands(program: Command, cli: Cli): void {
  program
    .command('check')
    .description('check connections for real, from a worker')
    .argument('<connection...>')
    .option('--json', 'print one JSON array')
    .action((names: string[], options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const results = [];
        for (const name of names) {
          try {
            results.push({
              connection: name,
              ok: true,
              ...(await backhaul.connections.check(name)),
              error: null,
            });
          } catch (error) {
            results.push({ connection: name, ok: false, warnings: [], error: errorOf(error).view() });
          }
        }
        if (options.json) printJson(cli.io, results);
        for (const { connection, error, ok, warnings } of options.json ? [] : results) {
          cli.io.out(`${connection}: ${ok ? cli.io.colors.green('ok') : cli.io.colors.red('not usable')}`);
          for (const warning of warnings) cli.io.err(`  ${cli.io.colors.yellow('warning')} ${warning}`);
          if (error !== null) printError(cli.io, error);
        }
        if (results.some(({ ok }) => !ok)) cli.exitWith(1);
      }),
    );

  program
    .command('preview')
    .description('columns, types and first rows of a model')
    .argument('<model>')
    .option('--limit <n>', `rows, at most ${MAX_PREVIEW_ROWS}`, '10')
    .option('--json', 'print one JSON document')
    .action((model: string, options: { limit: string; json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const limit = Number(options.limit);
        if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PREVIEW_ROWS) {
          throw new BackhaulError('usage', `--limit is a number from 1 to ${MAX_PREVIEW_ROWS}`);
        }
        const preview = await backhaul.models.preview(model, { limit });
        if (options.json) return printJson(cli.io, preview);
        table(
          cli.io,
          preview.columns.map(({ kind, name }) => `${name} (${kind})`),
          preview.rows.map((row) => row.map(cell)),
        );
      }),
    );
}

const cell = (value: string | null): string => {
  if (value === null) return 'null';
  const line = value.replace(/\s+/g, ' ');
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL - 1)}…` : line;
};
