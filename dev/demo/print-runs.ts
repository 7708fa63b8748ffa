import { counted } from '../../client/cli/output.ts';
import type { DescribedRun } from '../../client/runs.ts';
import { invalidReasons } from '../../vocabulary/invalid.ts';

const SECOND_MS = 1000;
const COLUMN_WIDTH = 14;

export const runSeconds = ({
  finishedAt,
  startedAt,
}: Pick<DescribedRun, 'finishedAt' | 'startedAt'>): number =>
  (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / SECOND_MS;

type Cell = (run: DescribedRun) => string;

const lines: readonly [name: string, cell: Cell][] = [
  ['status', ({ error, status }) => error?.code ?? status],
  ['rows read', ({ rows }) => counted(rows.read)],
  ['  added', ({ rows }) => counted(rows.added)],
  ['  changed', ({ rows }) => counted(rows.changed)],
  ['  unchanged', ({ rows }) => counted(rows.unchanged)],
  ['  removed', ({ rows }) => counted(rows.removed)],
  ['  invalid', ({ rows }) => counted(rows.invalid)],
  ['accepted', ({ messages }) => counted(messages.accepted)],
  ['rejected', ({ messages }) => counted(messages.rejected)],
  ['requests', ({ requests }) => counted(requests)],
  ['seconds', (run) => runSeconds(run).toFixed(1)],
  ['rows/s', (run) => counted(Math.round(run.rows.read / Math.max(runSeconds(run), 0.001)))],
];

/** Runs side by side, one column each. */
export function tableOfRuns(runs: readonly { name: string; run: DescribedRun }[]): string[] {
  const width = Math.max(...lines.map(([name]) => name.length));
  const line = (name: string, cells: string[]): string =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(COLUMN_WIDTH))].join('  ');
  return [
    line(
      '',
      runs.map(({ name }) => name),
    ),
    ...lines.map(([name, cell]) =>
      line(
        name,
        runs.map(({ run }) => cell(run)),
      ),
    ),
  ];
}

/** Why rows were not sent, one line a reason. */
export function linesOfInvalid({ invalid }: DescribedRun): string[] {
  const width = Math.max(0, ...Object.keys(invalid).map((reason) => reason.length));
  const meanings: Readonly<Record<string, string>> = invalidReasons;
  return Object.entries(invalid).map(
    ([reason, rows]) => `${counted(rows).padStart(3)}  ${reason.padEnd(width)}  ${meanings[reason] ?? ''}`,
  );
}
