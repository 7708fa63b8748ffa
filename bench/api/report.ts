import type { Asked, Question } from './ask.ts';
import { histogramQuantile, quantile, type Bucket } from './quantile.ts';

export interface EndpointFigures {
  what: string;
  answers: number;
  /** Answers with a status of 400 and above. */
  refused: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** By the server's own metrics, from the head of the request to the end of its answer. */
  serverP50Ms: number;
  serverP95Ms: number;
}

const FIRST_REFUSAL = 400;

export function figuresOf(
  { name }: Question,
  { milliseconds, statuses }: Asked,
  server: readonly Bucket[],
): EndpointFigures {
  const refused = [...statuses].filter(([status]) => status >= FIRST_REFUSAL);
  return {
    what: name,
    answers: milliseconds.length,
    refused: refused.reduce((sum, [, count]) => sum + count, 0),
    p50Ms: quantile(milliseconds, 0.5),
    p95Ms: quantile(milliseconds, 0.95),
    p99Ms: quantile(milliseconds, 0.99),
    serverP50Ms: histogramQuantile(server, 0.5) * 1000,
    serverP95Ms: histogramQuantile(server, 0.95) * 1000,
  };
}

export function tableOf(figures: readonly EndpointFigures[]): string {
  const header = ['', 'answers', 'refused', 'p50 ms', 'p95 ms', 'p99 ms', 'server p50', 'server p95'];
  const lines = [
    header,
    ...figures.map(({ answers, refused, what, ...ms }) => [
      what,
      String(answers),
      String(refused),
      ...[ms.p50Ms, ms.p95Ms, ms.p99Ms, ms.serverP50Ms, ms.serverP95Ms].map((value) => value.toFixed(1)),
    ]),
  ];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
