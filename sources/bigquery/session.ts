import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';
import type { SourceContext } from '../source.ts';
import { openAuth, type Auth } from './auth.ts';
import { openClient } from './client.ts';
import { bigQueryError, type ErrorContext } from './errors.ts';
import { cancelJob, startJob, waitForJob, type JobMetadata, type JobPlace, type JobQuery } from './jobs.ts';
import type { StorageApi } from './storage.ts';

/** Those of one region as well: https://cloud.google.com/bigquery/docs/regional-endpoints */
const VENDOR = ['*.bigquery.googleapis.com', '*.rep.googleapis.com'];
const API = ['bigquery.googleapis.com', ...VENDOR];
const STORAGE_API = ['bigquerystorage.googleapis.com', ...VENDOR];
/** So long a cancel may take that is under way when the source is closed. */
const CLOSE_PATIENCE_MS = 10_000;

type About = Partial<ErrorContext>;

/** The clients of a source, and the jobs that it has at BigQuery until it is closed. */
export interface Session {
  client: BigQuery;
  auth: Auth;
  /** Ends when the run is cancelled or the source closed. */
  end: AbortSignal;
  /** A client whose requests end earlier than those of the session. */
  clientUntil(end: AbortSignal): BigQuery;
  /** @throws BackhaulError run_cancelled */
  requireWanted(): void;
  translate(error: unknown, about?: About): BackhaulError;
  inContext<T>(about: About, work: () => Promise<T>): Promise<T>;
  /** Starts the job of a read; it is cancelled when the run is. */
  start(about: About, query: JobQuery): Promise<JobPlace>;
  /** Waits for a job, and cancels it when the run is. */
  finish(about: About, place: JobPlace): Promise<JobMetadata>;
  release(place: JobPlace): Promise<void>;
  withStorage<T>(work: (storage: StorageApi) => Promise<T>): Promise<T>;
  openStorage(): Promise<StorageApi>;
  close(): Promise<void>;
}

export function openSession(
  name: string,
  connection: ResolvedBigQueryConnection,
  { signal, allowedEndpoints }: SourceContext,
): Session {
  const { projectId, dataset } = connection;
  const endpoint = (field: 'apiEndpoint' | 'storageEndpoint', vendor: readonly string[]): URL | null => {
    const address = connection[field];
    return address === undefined
      ? null
      : allowedEndpoint({ connection: name, field }, address, vendor, allowedEndpoints);
  };
  const apiEndpoint = endpoint('apiEndpoint', API);
  const storageEndpoint = endpoint('storageEndpoint', STORAGE_API);
  const auth = openAuth(name, connection, allowedEndpoints);
  const closing = new AbortController();
  const end = AbortSignal.any([signal, closing.signal]);
  const clientUntil = (until: AbortSignal): BigQuery =>
    openClient({ projectId, apiEndpoint, auth, signal: until });
  const client = clientUntil(end);
  /** For what must come to its end when a run is cancelled: a job that is being started, and its cancel. */
  const patient = clientUntil(closing.signal);
  /** Jobs that nobody has seen the end of. */
  const running = new Map<string, JobPlace>();
  const cancelling = new Set<Promise<void>>();
  const storages = new Set<StorageApi>();
  let signedIn = false;

  const cancel = (place: JobPlace): void => {
    running.delete(place.job);
    const work = cancelJob(patient, place).finally(() => cancelling.delete(work));
    cancelling.add(work);
  };
  const onAbort = (): void => [...running.values()].forEach(cancel);
  signal.addEventListener('abort', onAbort, { once: true });

  const requireWanted = (): void => {
    if (signal.aborted) throw new BackhaulError('run_cancelled', `connection ${name}`);
  };
  const translate = (error: unknown, about: About = {}): BackhaulError => {
    if (signal.aborted) return new BackhaulError('run_cancelled', `connection ${name}`);
    const { principal } = auth;
    return bigQueryError(error, { connection: name, projectId, dataset, principal, signedIn, ...about });
  };
  const inContext = async <T>(about: About, work: () => Promise<T>): Promise<T> => {
    requireWanted();
    try {
      const done = await work();
      signedIn = true;
      return done;
    } catch (error) {
      throw translate(error, about);
    }
  };
  /** Cancels it at once when the run is cancelled already. */
  const keep = (place: JobPlace): void => {
    running.set(place.job, place);
    if (signal.aborted) cancel(place);
    requireWanted();
  };
  const openStorage = async (): Promise<StorageApi> => {
    const module = await import('./storage.ts');
    const storage = module.openStorage({ projectId, endpoint: storageEndpoint, auth, signal: end });
    storages.add(storage);
    return {
      ...storage,
      async close() {
        storages.delete(storage);
        await storage.close();
      },
    };
  };

  return {
    client,
    auth,
    end,
    clientUntil,
    requireWanted,
    translate,
    inContext,
    start: (about, query) =>
      inContext(about, async () => {
        const place = await startJob(patient, connection, query);
        keep(place);
        return place;
      }),
    async finish(about, place) {
      keep(place);
      return inContext(about, async () => {
        const timeoutMs = durationMs(connection.jobTimeout);
        const metadata = await waitForJob(client, place, { timeoutMs, signal: end });
        running.delete(place.job);
        return metadata;
      });
    },
    release: (place) => cancelJob(patient, place),
    openStorage,
    async withStorage(work) {
      const storage = await openStorage();
      try {
        return await work(storage);
      } finally {
        await storage.close();
      }
    },
    async close() {
      signal.removeEventListener('abort', onAbort);
      const patience = setTimeout(() => closing.abort(), CLOSE_PATIENCE_MS);
      await Promise.all(cancelling);
      clearTimeout(patience);
      closing.abort();
      await Promise.all([...storages].map((storage) => storage.close()));
    },
  };
}
