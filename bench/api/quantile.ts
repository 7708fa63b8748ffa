/** The value below which that share of the samples lies; NaN without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Up to `le`, how many. */
export interface Bucket {
  le: number;
  count: number;
}

/** The same of a histogram, as Prometheus reckons it: within its bucket as if all were spread evenly. */
export function histogramQuantile(buckets: readonly Bucket[], share: number): number {
  const sorted = [...buckets].sort((one, other) => one.le - other.le);
  const all = sorted.at(-1)?.count ?? 0;
  if (all === 0) return NaN;
  const rank = all * share;
  let below: Bucket = { le: 0, count: 0 };
  for (const bucket of sorted) {
    if (bucket.count >= rank) {
      if (bucket.le === Infinity) return below.le;
      return below.le + ((bucket.le - below.le) * (rank - below.count)) / (bucket.count - below.count);
    }
    below = bucket;
  }
  return below.le;
}
