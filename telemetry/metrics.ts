import type { MetricMeter } from '@temporalio/common';

/**
 * Backhaul's own metrics of a worker: the one table that makes them, and that docs/telemetry.md is held against. Prometheus shows
 * counters with `_total` behind their names. A label is a name of a definition or one of few words: never an id, a key or a value.
 */
export const workerMetrics = {
  backhaul_runs_started: { type: 'counter', labels: ['sync'], meaning: 'Runs that were opened' },
  backhaul_runs_ended: {
    type: 'counter',
    labels: ['sync', 'status'],
    meaning: 'Runs that ended: completed, failed or cancelled',
  },
  backhaul_run_errors: {
    type: 'counter',
    labels: ['sync', 'code'],
    meaning: 'Runs that ended with an error, by its code',
  },
  backhaul_run_duration_seconds: {
    type: 'histogram',
    labels: ['sync', 'status'],
    meaning: 'From the start of a run to its end, waits for a person included',
    buckets: [5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 43_200],
  },
  backhaul_last_run_end_timestamp_seconds: {
    type: 'gauge',
    labels: ['sync', 'status'],
    meaning: 'When the last run of that status ended that this worker recorded, in seconds since 1970',
  },
  backhaul_rows: {
    type: 'counter',
    labels: ['sync', 'outcome'],
    meaning: 'Rows of runs that ended: read, added, changed, unchanged, removed, invalid',
  },
  backhaul_messages: {
    type: 'counter',
    labels: ['sync', 'outcome'],
    meaning: 'Messages of runs that ended: planned, accepted, rejected',
  },
  backhaul_source_rows: { type: 'counter', labels: ['sync'], meaning: 'Rows that were read from the source' },
  backhaul_source_bytes: {
    type: 'counter',
    labels: ['sync'],
    meaning: 'Bytes of these rows as canonical text',
  },
  backhaul_pages: {
    type: 'counter',
    labels: ['sync', 'step'],
    meaning: 'Pages that a step is done with: map, sendBatch, recordResult',
  },
  backhaul_step_duration_seconds: {
    type: 'histogram',
    labels: ['step', 'outcome'],
    meaning: 'Attempts of the steps of runs: done, failed, retried or cancelled',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
  },
  backhaul_step_retries: {
    type: 'counter',
    labels: ['step', 'code'],
    meaning: 'Attempts of a step that failed and are made again, by the code of the error',
  },
  backhaul_segment_requests: {
    type: 'counter',
    labels: ['sync', 'status'],
    meaning: 'POSTs to Segment: 2xx, 3xx, 4xx, 429, 5xx, or none when no whole answer came',
  },
  backhaul_segment_events: {
    type: 'counter',
    labels: ['sync'],
    meaning: 'Events in POSTs that Segment accepted',
  },
  backhaul_segment_request_duration_seconds: {
    type: 'histogram',
    labels: ['status'],
    meaning: 'From the first byte of a POST to its answer',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  },
  backhaul_segment_holds: {
    type: 'counter',
    labels: ['sync'],
    meaning: 'Times that Segment asked for silence: 429, or 503 and 529 with Retry-After',
  },
  backhaul_segment_hold_seconds: {
    type: 'counter',
    labels: ['sync'],
    meaning: 'Silence that Segment asked for',
  },
  backhaul_limiter_wait_seconds: {
    type: 'histogram',
    labels: ['sync'],
    meaning: 'From the booking of a slot of the rate limit to its start, for each batch',
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10],
  },
  backhaul_state_users: {
    type: 'gauge',
    labels: ['sync'],
    meaning: 'Users of the model in the newest state that this worker wrote',
  },
  backhaul_state_entries: {
    type: 'gauge',
    labels: ['sync'],
    meaning: 'Entries of that state, those of users that left the model counted',
  },
} as const satisfies Record<string, MetricEntry>;

export interface MetricEntry {
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  meaning: string;
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
}

export type MetricName = keyof typeof workerMetrics;
type LabelsOf<Name extends MetricName> = Record<(typeof workerMetrics)[Name]['labels'][number], string>;

/** Counts, measures or sets a metric by one; the table says which of the three it is. */
export type Metrics = <Name extends MetricName>(name: Name, value: number, labels: LabelsOf<Name>) => void;

/** @param meter Temporal's: what it is told goes where the metrics of Temporal's core go, to Prometheus or by OTLP */
export function openMetrics(meter: MetricMeter): Metrics {
  const instruments = new Map(
    Object.entries<MetricEntry>(workerMetrics).map(([name, entry]) => [name, instrument(meter, name, entry)]),
  );
  return (name, value, labels) => instruments.get(name)?.(value, labels);
}

/** Upper bounds by the name of the histogram, as the SDK's runtime takes them. */
export const histogramBuckets = (): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries<MetricEntry>(workerMetrics).flatMap(([name, { buckets }]) =>
      buckets === undefined ? [] : [[name, [...buckets]]],
    ),
  );

type Instrument = (value: number, labels: Record<string, string>) => void;

function instrument(meter: MetricMeter, name: string, { meaning, type }: MetricEntry): Instrument {
  switch (type) {
    case 'counter': {
      const counter = meter.createCounter(name, undefined, meaning);
      return (value, labels) => counter.add(value, labels);
    }
    case 'gauge': {
      const gauge = meter.createGauge(name, 'float', undefined, meaning);
      return (value, labels) => gauge.set(value, labels);
    }
    case 'histogram': {
      const histogram = meter.createHistogram(name, 'float', undefined, meaning);
      return (value, labels) => histogram.record(value, labels);
    }
  }
}
