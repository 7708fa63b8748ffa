/** What was measured of one way to carry the rows. */
export interface Figures {
  what: string;
  rows: number;
  seconds: number;
  rowsPerSecond: number;
  /** Of the process that does the work: the worker, or the script. Null where it was not looked at. */
  peakMb: number | null;
  requests: number;
  /** In Temporal, of the run; null for what runs without it. */
  historyEvents: number | null;
}

export interface Report {
  rows: number;
  machine: { cpus: number; node: string };
  /** Every row is sent. */
  full: Figures[];
  /** Nothing has changed. */
  unchanged: Figures[];
  ratios: Record<string, number>;
}

const SIGNIFICANT = 3;
const shown = (value: number): number => Number(value.toPrecision(SIGNIFICANT));

export function tableOf({ full, ratios, unchanged }: Report): string {
  const header = ['', 'rows/s', 'seconds', 'peak MB', 'requests', 'events per million rows'];
  const row = ({
    historyEvents,
    peakMb,
    requests,
    rows,
    rowsPerSecond,
    seconds,
    what,
  }: Figures): string[] => [
    what,
    Math.round(rowsPerSecond).toLocaleString('en-US'),
    seconds.toFixed(2),
    peakMb === null ? '-' : String(Math.round(peakMb)),
    requests.toLocaleString('en-US'),
    historyEvents === null ? '-' : Math.round((historyEvents * 1e6) / rows).toLocaleString('en-US'),
  ];
  const lines = [header, ...full.map(row), ...unchanged.map(row)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return [...text, '', ...Object.entries(ratios).map(([name, ratio]) => `${name}: ${shown(ratio)}`)].join(
    '\n',
  );
}
