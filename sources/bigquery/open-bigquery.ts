import { randomUUID } from 'node:crypto';
import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece } from '../../vocabulary/spool.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';
import { chooseColumns } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { openAuth } from './auth.ts';
import { openClient } from './client.ts';
import { columnOf, type Field } from './columns.ts';
import { costWarnings } from './cost.ts';
import { dryRun, type DryRun } from './dry-run.ts';
import { bigQueryError, type ErrorContext } from './errors.ts';
import { failureOf } from './failure.ts';
import { cancelJob, startJob, waitForJob, type JobMetadata, type JobPlace } from './jobs.ts';
import { readPlace, type ReadPlace } from './place.ts';
import { around, queryOf } from './query-text.ts';
import { restPieces } from './read-pages.ts';
import { pageOf, textsOf } from './result-pages.ts';
import type { StorageApi } from './storage.ts';
import { writeWarnings } from './write-warnings.ts';

const VENDOR = ['bigquery.googleapis.com', '*.bigquery.googleapis.com', 'bigquerystorage.googleapis.com'];
/** So long a cancel may take that is under way when the source is closed. */
const CLOSE_PATIENCE_MS = 10_000;
const PROBE = 'select 1 as one';

/** BigQuery: a job for each read, whose result it keeps for a day. */
export function openBigQuery(
  name: string,
  connection: ResolvedBigQueryConnection,
  { signal, allowedEndpoints }: SourceContext,
): Source {
  const { projectId, dataset } = connection;
  const endpoint = (field: 'apiEndpoint' | 'storageEndpoint'): URL | null => {
    const address = connection[field];
    return address === undefined
      ? null
      : allowedEndpoint({ connection: name, field }, address, VENDOR, allowedEndpoints);
  };
  const apiEndpoint = endpoint('apiEndpoint');
  const storageEndpoint = endpoint('storageEndpoint');
  const auth = openAuth(name, connection, allowedEndpoints);
  const closing = new AbortController();
  const clientUntil = (end: AbortSignal): BigQuery =>
    openClient({ projectId, apiEndpoint, auth, signal: end });
  const client = clientUntil(AbortSignal.any([signal, closing.signal]));
  /** For what must come to its end when a run is cancelled: a job that is being started, and its cancel. */
  const patient = clientUntil(closing.signal);
  const cancelling = new Set<Promise<void>>();
  const storages = new Set<StorageApi>();
  let signedIn = false;

  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = (error: unknown, more: Partial<ErrorContext> = {}): BackhaulError => {
    if (signal.aborted) return stopped();
    const { principal } = auth;
    return bigQueryError(error, { connection: name, projectId, dataset, principal, signedIn, ...more });
  };
  const inContext = async <T>(more: Partial<ErrorContext>, work: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw stopped();
    try {
      const done = await work();
      signedIn = true;
      return done;
    } catch (error) {
      throw translate(error, more);
    }
  };
  const cancel = (place: JobPlace): void => {
    const work = cancelJob(patient, place).finally(() => cancelling.delete(work));
    cancelling.add(work);
  };

  const check = (sql: string, model?: string): Promise<DryRun> =>
    inContext({ ...(model !== undefined && { model }) }, () =>
      dryRun(client, connection, { name: model ?? name, sql }),
    );
  /** The query of a model with what is asked for only, where BigQuery takes it. */
  const narrowed = async (model: ResolvedModel, sql: string, narrow: string): Promise<string> => {
    try {
      await dryRun(client, connection, { name: model.name, sql: narrow });
      return narrow;
    } catch (error) {
      if (error instanceof BackhaulError || (failureOf(error)?.status ?? 0) === 400) return sql;
      throw translate(error, { model: model.name });
    }
  };
  const start = (
    context: Partial<ErrorContext>,
    query: { sql: string; readId: string; location: string | undefined },
  ): Promise<JobPlace> =>
    inContext(context, async () => {
      const place = await startJob(patient, connection, query);
      if (signal.aborted) {
        cancel(place);
        throw stopped();
      }
      return place;
    });
  /** Waits for a job, and cancels it when the run is. */
  const finish = (context: Partial<ErrorContext>, place: JobPlace): Promise<JobMetadata> => {
    const onAbort = (): void => cancel(place);
    signal.addEventListener('abort', onAbort, { once: true });
    return inContext(context, async () => {
      const timeoutMs = durationMs(connection.jobTimeout);
      const end = AbortSignal.any([signal, closing.signal]);
      return waitForJob(client, place, { timeoutMs, signal: end });
    }).finally(() => signal.removeEventListener('abort', onAbort));
  };
  const openStorage = async (): Promise<StorageApi> => {
    const storage = (await import('./storage.ts')).openStorage({
      projectId,
      endpoint: storageEndpoint,
      auth,
    });
    storages.add(storage);
    return storage;
  };

  async function* pieces(
    model: ResolvedModel,
    place: ReadPlace,
    { fields, maxValueBytes, linesBefore }: { fields: Field[]; maxValueBytes: number; linesBefore: number },
  ): AsyncGenerator<Piece> {
    yield { place: { ...place } };
    const metadata = await finish({ model: model.name, linesBefore }, place);
    const ended = new AbortController();
    const end = AbortSignal.any([signal, closing.signal, ended.signal]);
    const options = { model: model.name, fields, maxValueBytes, signal: end };
    const storage = place.read === 'storage' ? await openStorage() : null;
    const onAbort = (): void => void storage?.close();
    end.addEventListener('abort', onAbort, { once: true });
    try {
      const read =
        storage === null
          ? restPieces(clientUntil(end), place, options)
          : (await import('./read-stream.ts')).storagePieces(
              storage,
              auth,
              tableIn(metadata),
              place,
              options,
            );
      for await (const piece of read) {
        if (signal.aborted) throw stopped();
        yield piece;
      }
    } catch (error) {
      throw translate(error, { model: model.name, reading: true });
    } finally {
      ended.abort();
      await storage?.close();
      if (storage !== null) storages.delete(storage);
    }
  }

  return {
    async validate(model) {
      const run = await (model === null ? check(PROBE) : check(queryOf(model), model.name));
      if (dataset !== undefined) await inContext({}, () => requireDataset(client, dataset));
      if (connection.read === 'storage') await probeStorage(run.location);
      const warnings = await writeWarnings(client, { name, projectId, dataset }, run.tables);
      if (signal.aborted) throw stopped();
      return { warnings: [...warnings, ...(model === null ? [] : costWarnings(model.name, run.bytes))] };
    },
    async describe(model) {
      const { fields } = await check(queryOf(model), model.name);
      return fields.map(columnOf);
    },
    async preview(model, limit) {
      const sql = queryOf(model);
      const { fields, location } = await check(sql, model.name);
      const limited = await narrowed(model, sql, around(sql, '*', ` limit ${Math.trunc(limit)}`));
      const place = await start(
        { model: model.name },
        { sql: limited, readId: `preview-${randomUUID()}`, location },
      );
      await finish({ model: model.name, linesBefore: limited === sql ? 0 : 1 }, place);
      const rows = await inContext({ model: model.name, reading: true }, async () => {
        const all: (string | null)[][] = [];
        for (let token: string | null = null; all.length < limit;) {
          const page = await pageOf(client, place, token, limit - all.length);
          const texts = fields.map((field, position) => textsOf(page, field, position));
          for (const row of page.rows.keys()) all.push(texts.map((read) => read(row)));
          if (page.next === null) break;
          token = page.next;
        }
        return all;
      });
      return { columns: fields.map(columnOf), rows };
    },
    async read(model, names, { maxValueBytes, id, from }) {
      const sql = queryOf(model);
      if (from !== null) {
        const place = readPlace(from);
        await finish({ model: model.name }, place);
        // What is read is the result, whatever has become of the tables meanwhile.
        const { fields } = await inContext({ model: model.name, reading: true }, () =>
          pageOf(client, place, null, 0),
        );
        const chosen = chooseColumns(model.name, fields, names).map(({ column }) => column);
        return {
          columns: chosen.map(columnOf),
          pieces: pieces(model, place, { fields: chosen, maxValueBytes, linesBefore: 0 }),
        };
      }
      const run = await check(sql, model.name);
      const chosen = chooseColumns(model.name, run.fields, names).map(({ column }) => column);
      const narrow = chosen.length < run.fields.length;
      const query = narrow ? await narrowed(model, sql, around(sql, names)) : sql;
      const job = await start({ model: model.name }, { sql: query, readId: id, location: run.location });
      const place: ReadPlace = {
        ...job,
        read: connection.read,
        rows: 0,
        token: null,
        stream: null,
        done: false,
      };
      return {
        columns: chosen.map(columnOf),
        pieces: pieces(model, place, { fields: chosen, maxValueBytes, linesBefore: query === sql ? 0 : 1 }),
      };
    },
    async release(place) {
      await cancelJob(patient, readPlace(place));
    },
    async close() {
      const patience = setTimeout(() => closing.abort(), CLOSE_PATIENCE_MS);
      await Promise.all(cancelling);
      clearTimeout(patience);
      closing.abort();
      await Promise.all([...storages].map((storage) => storage.close()));
    },
  };

  /** Whether a result can be read that way: a query without a table, which costs nothing. */
  async function probeStorage(location: string | undefined): Promise<void> {
    const place = await start({}, { sql: PROBE, readId: `check-${randomUUID()}`, location });
    const metadata = await finish({}, place);
    const storage = await openStorage();
    try {
      await inContext({}, () => storage.openStream(tableIn(metadata), ['one']));
    } finally {
      await storage.close();
      storages.delete(storage);
    }
  }
}

/** The table that BigQuery keeps a result in. */
function tableIn({ configuration }: JobMetadata): string {
  const { projectId = '', datasetId = '', tableId = '' } = configuration?.query?.destinationTable ?? {};
  return `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`;
}

/** The default dataset exists. Whether it may be looked at is another question: rights to its tables are enough. */
async function requireDataset(client: BigQuery, dataset: string): Promise<void> {
  try {
    await client.dataset(dataset).getMetadata();
  } catch (error) {
    if (failureOf(error)?.status !== 403) throw error;
  }
}
