import type { Command } from 'commander';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { Cli } from '../cli.ts';
import { errorOf, printJson, table } from '../output.ts';
import { printCheck, type CheckResult } from '../print-check.ts';

const MAX_PREVIEW_ROWS = 1000;
const MAX_CELL = 40;

export function workerCommands(program: Command, cli: Cli): void {
  program
    .command('check')
    .description('check connections for real, from a worker')
    .argument('<connection...>')
    .option('--send-test', 'send one identify of a test user to Segment, and say where to see it')
    .option('--json', 'print one JSON array')
    .action((names: string[], options: { json?: boolean; sendTest?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const { sendTest = false } = options;
        const results: CheckResult[] = [];
        for (const name of names) {
          try {
            results.push({
              connection: name,
              ok: true,
              ...(await backhaul.connections.check(name, { sendTest })),
              error: null,
            });
          } catch (error) {
            results.push({
              connection: name,
              ok: false,
              warnings: [],
              notes: [],
              error: errorOf(error).view(),
            });
          }
        }
        if (options.json) printJson(cli.io, results);
        for (const result of options.json ? [] : results) printCheck(cli.io, result);
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
