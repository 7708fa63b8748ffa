import { describe, expect, it } from '@jest/globals';
import type { BigQuery } from '@google-cloud/bigquery';
import { failureOf } from './failure.ts';
import { waitForJob, type JobMetadata } from './jobs.ts';

const MINUTE_MS = 60_000;

/** A client that knows one job. */
function clientOf(metadata: JobMetadata): { client: BigQuery; cancelled: () => boolean } {
  let cancelled = false;
  const job = {
    getMetadata: async () => [metadata, {}],
    cancel: async () => {
      cancelled = true;
    },
  };
  return { client: { job: () => job } as unknown as BigQuery, cancelled: () => cancelled };
}

async function reasonOf(metadata: JobMetadata, timeoutMs = MINUTE_MS): Promise<string | undefined> {
  const signal = new AbortController().signal;
  const place = { job: 'backhaul-x-1', location: 'US' };
  return waitForJob(clientOf(metadata).client, place, { timeoutMs, signal }).then(
    () => 'done',
    (error: unknown) => failureOf(error)?.reason,
  );
}

const stoppedAfter = (ms: number, jobTimeoutMs?: number): JobMetadata => ({
  status: { state: 'DONE', errorResult: { reason: 'stopped', message: 'Job execution was cancelled' } },
  statistics: { creationTime: '1700000000000', endTime: String(1_700_000_000_000 + ms) },
  configuration: { ...(jobTimeoutMs !== undefined && { jobTimeoutMs: String(jobTimeoutMs) }) },
});

describe('bigquery: a job that BigQuery stopped', () => {
  it('when its time was over, took too long', async () => {
    expect(await reasonOf(stoppedAfter(MINUTE_MS + 200))).toBe('timeout');
    expect(await reasonOf(stoppedAfter(2000, 1000))).toBe('timeout');
  });

  it('before, was cancelled by somebody', async () => {
    expect(await reasonOf(stoppedAfter(2000))).toBe('stopped');
  });
});

describe('bigquery: a job that never starts', () => {
  it('is cancelled when its time is over', async () => {
    const { client, cancelled } = clientOf({ status: { state: 'PENDING' } });
    const waited = waitForJob(
      client,
      { job: 'backhaul-x-1', location: 'US' },
      { timeoutMs: 300, signal: new AbortController().signal },
    );
    expect(failureOf(await waited.catch((error: unknown) => error))?.reason).toBe('timeout');
    expect(cancelled()).toBe(true);
  });
});
