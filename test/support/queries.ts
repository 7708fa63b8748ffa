import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { serveMetrics } from '../../client/api/metrics.ts';

const read = (file: string): unknown =>
  parse(readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8'));

/** Every PromQL query of a dashboard or of a file of rules: the strings under `expr`, and those of variables. */
export function queriesIn(file: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if ((name === 'expr' || name === 'definition') && typeof inner === 'string') found.push(inner);
      else visit(inner);
    }
  };
  visit(read(file));
  return found;
}

/** The metrics that its queries name. All of ours and of Temporal's begin alike; no label of theirs does. */
export const metricsIn = (file: string): string[] => [
  ...new Set(
    queriesIn(file).flatMap((query) =>
      [...query.matchAll(/\b(?:backhaul|temporal)_\w+/g)].map(([name]) => name),
    ),
  ),
];

/** As a scrape of `serve` names its metrics. */
export const namesOfServe = (): string[] =>
  Object.entries(serveMetrics).flatMap(([name, { type }]) =>
    type === 'counter'
      ? [`${name}_total`]
      : type === 'histogram'
        ? [`${name}_bucket`, `${name}_sum`, `${name}_count`]
        : [name],
  );
