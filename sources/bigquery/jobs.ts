import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { querySettings } from './dry-run.ts';
import { failureError, failureOf, jobFailure } from './failure.ts';

/** Where a job is. */
export interface JobPlace {
  job: string;
  location: string | undefined;
}

export interface JobMetadata {
  status?: { state?: string; errorResult?: { reason?: string; message?: string } };
  statistics?: { startTime?: string };
  configuration?: {
    query?: { destinationTable?: { projectId?: string; datasetId?: string; tableId?: string } };
  };
}

/** So many jobs a read may leave behind, each failed or with a result that is gone, before it gives up. */
const MAX_JOBS = 50;
const FIRST_LOOK_MS = 100;
const MAX_LOOK_MS = 3000;

/**
 * Starts a query under an id that the read and the query decide. Who submits it again (a request repeated, a worker that
 * takes over) is told that it is there already, and takes the job that runs or its result: it is billed once. A job that
 * failed, or whose result is gone, has its successor under the next number.
 */
export async function startJob(
  client: BigQuery,
  connection: ResolvedBigQueryConnection,
  query: { readId: string; sql: string; location: string | undefined },
): Promise<JobPlace> {
  const { location, readId, sql } = query;
  const digest = createHash('sha256')
    .update(JSON.stringify([sql, connection.dataset ?? null, location ?? null]))
    .digest('hex')
    .slice(0, 16);
  for (let number = 1; number <= MAX_JOBS; number += 1) {
    const place = { job: `backhaul-${readId}-${digest}-${number}`, location };
    const started = await submit(client, connection, sql, place);
    if (started || (await isOfUse(client, place))) return place;
  }
  throw failureError({ status: 409, reason: 'duplicate', text: '', clockAheadSeconds: null });
}

/** False when a job of that id is there. */
async function submit(
  client: BigQuery,
  connection: ResolvedBigQueryConnection,
  sql: string,
  { job, location }: JobPlace,
): Promise<boolean> {
  try {
    await client.createQueryJob({
      query: sql,
      jobId: job,
      jobTimeoutMs: durationMs(connection.jobTimeout),
      ...(location !== undefined && { location }),
      ...(connection.labels !== undefined && { labels: connection.labels }),
      ...querySettings(connection),
    });
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.status === 409) return false;
    // The client throws when a job has ended with an error already. It is there all the same: waiting for it tells.
    if (failure === null && typeof error === 'object' && error !== null && 'errors' in error) return true;
    throw error;
  }
}

async function isOfUse(client: BigQuery, place: JobPlace): Promise<boolean> {
  const { status } = await metadataOf(client, place);
  if (status?.state !== 'DONE') return true;
  return status.errorResult === undefined && (await hasResult(client, place));
}

async function hasResult(client: BigQuery, place: JobPlace): Promise<boolean> {
  try {
    await jobAt(client, place).getQueryResults({ autoPaginate: false, skipParsing: true, maxResults: 0 });
    return true;
  } catch (error) {
    if (failureOf(error)?.status === 404) return false;
    throw error;
  }
}

export const jobAt = (client: BigQuery, { job, location }: JobPlace) =>
  client.job(job, location === undefined ? {} : { location });

async function metadataOf(client: BigQuery, place: JobPlace): Promise<JobMetadata> {
  const [metadata] = (await jobAt(client, place).getMetadata()) as [JobMetadata, unknown];
  return metadata;
}

/**
 * Waits for the end of a job. BigQuery itself ends one that takes longer than jobTimeout; that is kept to here as well,
 * from when it is first seen running.
 */
export async function waitForJob(
  client: BigQuery,
  place: JobPlace,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<JobMetadata> {
  let runningSince: number | null = null;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, MAX_LOOK_MS)) {
    const metadata = await metadataOf(client, place);
    const { state, errorResult } = metadata.status ?? {};
    if (state === 'DONE') {
      if (errorResult !== undefined) throw jobFailure(errorResult);
      return metadata;
    }
    if (state === 'RUNNING') runningSince ??= Date.now();
    const left = runningSince === null ? timeoutMs : runningSince + timeoutMs - Date.now();
    if (left <= 0) {
      await cancelJob(client, place);
      throw jobFailure({ reason: 'timeout' });
    }
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}

/** A job that has ended, or is not there, stays as it is. */
export async function cancelJob(client: BigQuery, place: JobPlace): Promise<void> {
  await jobAt(client, place)
    .cancel()
    .catch(() => undefined);
}
