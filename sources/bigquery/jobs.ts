import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { querySettings } from './dry-run.ts';
import { failureError, failureOf, jobFailure } from './failure.ts';

/** Where a job is. */
export interface JobPlace {
  job: string;
  location: string | undefined;
}

/** What a job is to run. */
export interface JobQuery {
  readId: string;
  sql: string;
  location: string | undefined;
  /** What it returns: a result from before the table was changed must not be taken for the same. */
  columns: readonly Column[];
}

export interface JobMetadata {
  status?: { state?: string; errorResult?: { reason?: string; message?: string } };
  /** Milliseconds since 1970, by BigQuery's clock. */
  statistics?: { creationTime?: string; endTime?: string };
  configuration?: {
    jobTimeoutMs?: string;
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
  { columns, location, readId, sql }: JobQuery,
): Promise<JobPlace> {
  const types = columns.map(({ name, sourceType }) => [name, sourceType]);
  const digest = createHash('sha256')
    .update(JSON.stringify([sql, connection.dataset ?? null, location ?? null, types]))
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
 * Waits for the end of a job. BigQuery itself tries to end one that takes longer than jobTimeout, counted from its creation;
 * that is kept to here as well, for as long as this worker waits.
 */
export async function waitForJob(
  client: BigQuery,
  place: JobPlace,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<JobMetadata> {
  const end = Date.now() + timeoutMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, MAX_LOOK_MS)) {
    const metadata = await metadataOf(client, place);
    const { state, errorResult } = metadata.status ?? {};
    if (state === 'DONE') {
      if (errorResult === undefined) return metadata;
      throw jobFailure(ranOutOfTime(metadata, timeoutMs) ? { reason: 'timeout' } : errorResult);
    }
    const left = end - Date.now();
    if (left <= 0) {
      await cancelJob(client, place);
      throw jobFailure({ reason: 'timeout' });
    }
    await sleep(Math.min(pause, left), undefined, { signal });
  }
}

/** BigQuery has one reason for a job that was cancelled and for one that it ended itself since it took too long. */
function ranOutOfTime({ configuration, statistics, status }: JobMetadata, timeoutMs: number): boolean {
  const took = Number(statistics?.endTime) - Number(statistics?.creationTime);
  return (
    status?.errorResult?.reason === 'stopped' && took >= Number(configuration?.jobTimeoutMs ?? timeoutMs)
  );
}

/** A job that has ended, or is not there, stays as it is. */
export async function cancelJob(client: BigQuery, place: JobPlace): Promise<void> {
  await jobAt(client, place)
    .cancel()
    .catch(() => undefined);
}
