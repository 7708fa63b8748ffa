import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { serveMetrics } from '../client/api/metrics.ts';
import { workerMetrics, type MetricEntry } from '../telemetry/metrics.ts';
import { readPage } from './support/pages.ts';
import { queriesIn } from './support/queries.ts';

/** The rows of the tables of metrics, cell by cell, in the order of the page. */
const shown = readPage('docs/telemetry.md')
  .split('\n')
  .filter((line) => line.startsWith('| `backhaul_'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const rowOf = ([name, { labels, meaning, type }]: [string, MetricEntry]): string[] => [
  `\`${name}${type === 'counter' ? '_total' : ''}\``,
  type,
  labels.map((label) => `\`${label}\``).join(', '),
  meaning,
];

describe('docs/telemetry.md', () => {
  it('has every metric as the code makes it, and no other', () => {
    const made = [
      ...Object.entries<MetricEntry>(workerMetrics),
      ...Object.entries<MetricEntry>(serveMetrics),
    ];
    expect(shown).toEqual(made.map(rowOf));
  });
});

describe('the Grafana dashboard', () => {
  const dashboard = JSON.parse(
    readFileSync(new URL('../deploy/grafana/backhaul.json', import.meta.url), 'utf8'),
  ) as {
    schemaVersion: number;
    templating: { list: { name: string }[] };
    panels: {
      id: number;
      type: string;
      title: string;
      gridPos: { x: number; y: number; w: number; h: number };
      targets?: { datasource: { type: string; uid: string }; expr: string; refId: string }[];
    }[];
  };

  it('has panels of kinds that Grafana has, each in its own place, each with queries on the chosen data source', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos, targets = [], title, type } of panels) {
      expect(['row', 'stat', 'timeseries']).toContain(type);
      expect(title).not.toBe('');
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
      if (type !== 'row') expect(targets).not.toEqual([]);
      for (const { datasource } of targets)
        expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    }
  });

  it('uses no variable that it does not have', () => {
    const known = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval'];
    const used = queriesIn('deploy/grafana/backhaul.json').flatMap((query) =>
      [...query.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name),
    );
    expect(used.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });
});
