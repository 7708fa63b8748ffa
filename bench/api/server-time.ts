import type { Bucket } from './quantile.ts';

const METRIC = 'backhaul_http_request_duration_seconds_bucket';

/** How many requests `serve` answered within how many seconds, by `METHOD route`, since it started. */
export async function readServerTimes(url: string, key: string): Promise<Map<string, Bucket[]>> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`/metrics: HTTP ${response.status}`);
  const times = new Map<string, Bucket[]>();
  for (const line of (await response.text()).split('\n')) {
    const [, labels = '', count = ''] = new RegExp(`^${METRIC}\\{(.*)\\} (\\S+)$`).exec(line) ?? [];
    const { le, method, route } = Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    ) as Record<string, string | undefined>;
    if (le === undefined || method === undefined || route === undefined) continue;
    const name = `${method} ${route}`;
    const bucket = { le: Number(le.replace('+Inf', 'Infinity')), count: Number(count) };
    times.set(name, [...(times.get(name) ?? []), bucket]);
  }
  return times;
}

/** What was answered in between. */
export const timesBetween = (before: readonly Bucket[], after: readonly Bucket[]): Bucket[] =>
  after.map(({ le, count }) => ({
    le,
    count: count - (before.find((bucket) => bucket.le === le)?.count ?? 0),
  }));
