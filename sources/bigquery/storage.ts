import { credentials, status } from '@grpc/grpc-js';
import { v1 } from '@google-cloud/bigquery-storage';
import { tableFromIPC, type Data } from 'apache-arrow';
import type { Auth } from './auth.ts';
import { failureError, failureOf } from './failure.ts';
import { inTime } from './in-time.ts';

const SESSION_TIMEOUT_MS = 60_000;
/** A connection can be dead without anybody saying so; then the next answer never comes. */
const ANSWER_TIMEOUT_MS = 120_000;

/** A batch of rows of a stream. */
export interface Batch {
  rows: number;
  columns: Map<string, Data>;
}

export interface StorageApi {
  /**
   * A session of one stream, which gives its rows in one order, so that a place in it is a number of rows. Several streams
   * would be faster and each needs a place of its own. Null: there are no rows.
   */
  openStream(table: string, columns: readonly string[]): Promise<string | null>;
  /** @param offset rows to leave out */
  readRows(stream: string, offset: number): AsyncIterable<Batch>;
  close(): Promise<void>;
}

type Client = InstanceType<typeof v1.BigQueryReadClient>;
type Options = NonNullable<ConstructorParameters<typeof v1.BigQueryReadClient>[0]>;

/** The Storage Read API. https://cloud.google.com/bigquery/docs/reference/storage */
export function openStorage(options: {
  projectId: string;
  /** Null: Google's own. */
  endpoint: URL | null;
  auth: Auth;
  /** Ends the requests under way. */
  signal: AbortSignal;
  /** @default 2 minutes */
  answerTimeoutMs?: number;
}): StorageApi {
  const { answerTimeoutMs = ANSWER_TIMEOUT_MS, projectId, signal } = options;
  let opened: Promise<Client> | null = null;
  const client = (): Promise<Client> => (opened ??= connect(options));
  const close = async (): Promise<void> => {
    const open = opened;
    opened = null;
    await (await open?.catch(() => null))?.close().catch(() => undefined);
  };
  return {
    async openStream(table, columns) {
      try {
        const asked = (await client()).createReadSession(
          {
            parent: `projects/${projectId}`,
            maxStreamCount: 1,
            readSession: { table, dataFormat: 'ARROW', readOptions: { selectedFields: [...columns] } },
          },
          { timeout: SESSION_TIMEOUT_MS },
        );
        const [session] = await inTime(asked, { signal, timeoutMs: answerTimeoutMs });
        return session.streams?.[0]?.name ?? null;
      } catch (error) {
        throw grpcError(error);
      }
    },
    async *readRows(stream, offset) {
      // It is tried again here, at the offset; google-gax would wait and try without being told to stop.
      const call = (await client()).readRows(
        { readStream: stream, offset },
        { retryRequestOptions: { noResponseRetries: 0 } },
      );
      call.on('error', () => undefined);
      try {
        yield* batches(answersOf(call, { signal, answerTimeoutMs }));
      } catch (error) {
        const failure = grpcError(error);
        // A connection that broke stays broken, and so does a token that ran out.
        await close();
        throw failure;
      } finally {
        call.destroy();
        call.cancel();
      }
    },
    close,
  };
}

async function connect({
  projectId,
  endpoint,
  auth,
}: {
  projectId: string;
  endpoint: URL | null;
  auth: Auth;
}): Promise<Client> {
  const at: Options =
    endpoint === null
      ? {}
      : {
          apiEndpoint: endpoint.hostname,
          port: Number(endpoint.port) || (endpoint.protocol === 'http:' ? 80 : 443),
        };
  // Without TLS no token is sent; only an operator can allow such an address.
  const insecure = endpoint?.protocol === 'http:' ? { sslCreds: credentials.createInsecure() } : {};
  const authClient = await auth.client();
  return new v1.BigQueryReadClient({ ...at, ...insecure, projectId, authClient: authClient as never });
}

interface RowsAnswer {
  rowCount?: unknown;
  /** In the first answer of a call only. */
  arrowSchema?: { serializedSchema?: Uint8Array | string | null } | null;
  arrowRecordBatch?: { serializedRecordBatch?: Uint8Array | string | null } | null;
}

/** The answers of a call, each awaited for so long, and no longer than anybody wants them. */
async function* answersOf(
  call: AsyncIterable<unknown>,
  { answerTimeoutMs, signal }: { answerTimeoutMs: number; signal: AbortSignal },
): AsyncGenerator<RowsAnswer> {
  const answers = call[Symbol.asyncIterator]();
  for (;;) {
    const next = await inTime(answers.next(), { signal, timeoutMs: answerTimeoutMs });
    if (next.done === true) return;
    yield next.value as RowsAnswer;
  }
}

async function* batches(answers: AsyncIterable<RowsAnswer>): AsyncGenerator<Batch> {
  let schema: Uint8Array = new Uint8Array();
  for await (const { arrowSchema, arrowRecordBatch } of answers) {
    if (arrowSchema?.serializedSchema) schema = Buffer.from(arrowSchema.serializedSchema as Uint8Array);
    const serialized = arrowRecordBatch?.serializedRecordBatch;
    if (!serialized) continue;
    const { batches: parts } = tableFromIPC(Buffer.concat([schema, serialized as Uint8Array]));
    for (const part of parts) {
      yield {
        rows: part.numRows,
        columns: new Map(
          part.schema.fields.flatMap(({ name }, position) => {
            const data = part.data.children[position];
            return data === undefined ? [] : [[name, data] as const];
          }),
        ),
      };
    }
  }
}

function grpcError(error: unknown): Error {
  if (failureOf(error) !== null) return error as Error;
  const { code, details, message, reason } = error as Partial<GrpcError>;
  const name = typeof code === 'number' ? status[code] : undefined;
  if (name === undefined) return error instanceof Error ? error : new Error(String(error));
  return failureError({
    status: name === 'UNAUTHENTICATED' ? 401 : null,
    // Google's word for why permission is denied; of others the code says enough.
    reason: reason === 'SERVICE_DISABLED' ? reason : name,
    text: details ?? message ?? '',
    clockAheadSeconds: null,
  });
}

interface GrpcError {
  code: unknown;
  details: string;
  message: string;
  /** Of google.rpc.ErrorInfo. */
  reason: string;
}
