import { Client, Serializer } from '@elastic/elasticsearch';
import type { buildConnector } from 'undici';
import type { ResolvedElasticsearchConnection } from '../../definitions/elasticsearch-connection.ts';
import { hostOfCloudId } from '../../definitions/cloud-id.ts';
import { durationMs } from '../../definitions/duration.ts';
import { guardedConnector } from '../../definitions/guarded-connector.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { pemOf } from '../pem.ts';
import { elasticsearchError, type Asked } from './errors.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const MAX_SOCKETS = 4;
/** About how many times smaller JSON gets; a compressed answer is counted as it comes. */
const COMPRESSION = 8;
const JSON_TYPE = 'application/vnd.elasticsearch+json; compatible-with=8';

export interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  /** JSON text. */
  body?: string;
  asked: Asked;
  /** How often it may be sent again when the connection broke or the server is not there: 0 by default. */
  retries?: number;
  /** A longer answer is broken off: `source_row_too_large`. */
  maxBytes?: number;
  /** Null: it goes on when the source is told to stop. */
  signal?: AbortSignal | null;
  /** Ends it too. */
  leaving?: AbortSignal;
}

export interface ElasticsearchClient {
  /** The text of the answer. Errors are Backhaul's. */
  ask(request: Request): Promise<string>;
  close(): Promise<void>;
}

/** The client parses with JSON.parse, which rounds a long beyond 2^53. */
class TextSerializer extends Serializer {
  override deserialize<T>(json: string): T {
    return json as T;
  }
}

/** @param signal ends what is under way; then `stopped` is thrown */
export function openClient(
  name: string,
  connection: ResolvedElasticsearchConnection,
  signal: AbortSignal,
  stopped: () => BackhaulError,
): ElasticsearchClient {
  let network: string | undefined;
  const { ca } = connection;
  const connect = guardedConnector(connection, {
    timeout: CONNECT_TIMEOUT_MS,
    ...(ca === undefined ? {} : { ca: pemOf(`connection ${name}, ca`, ca) }),
  });
  const agent = {
    connections: MAX_SOCKETS,
    connect: (options: buildConnector.Options, done: buildConnector.Callback) =>
      connect(options, (...result) => {
        const [error] = result;
        // The client passes on the words of an error, without its code.
        network = error === null ? undefined : codeOf(error);
        done(...result);
      }),
  };
  const client = new Client({
    node: nodeOf(name, connection),
    auth: authOf(connection),
    compression: connection.cloudId !== undefined,
    requestTimeout: durationMs(connection.timeout),
    maxRetries: 0,
    Serializer: TextSerializer,
    agent,
  });
  return {
    async ask({ method, path, query, body, asked, leaving, maxBytes, retries = 0, signal: own = signal }) {
      const ends = [own, leaving].filter((end) => end !== null && end !== undefined);
      try {
        const answer = await client.transport.request<unknown>(
          {
            method,
            path,
            ...(query === undefined ? {} : { querystring: query }),
            ...(body === undefined ? {} : { body }),
          },
          {
            maxRetries: retries,
            ...(maxBytes === undefined
              ? {}
              : { maxResponseSize: maxBytes, maxCompressedResponseSize: Math.ceil(maxBytes / COMPRESSION) }),
            headers: { accept: JSON_TYPE, ...(body === undefined ? {} : { 'content-type': JSON_TYPE }) },
            ...(ends.length === 0 ? {} : { signal: AbortSignal.any(ends) }),
          },
        );
        return String(answer);
      } catch (error) {
        if (ends.some((end) => end.aborted)) throw stopped();
        throw elasticsearchError(error, asked, network);
      }
    },
    close: () => client.close(),
  };
}

const codeOf = ({ code, name }: Error & { code?: unknown }): string =>
  typeof code === 'string' ? code : name;

function authOf({ apiKey, password, username }: ResolvedElasticsearchConnection) {
  return apiKey === undefined ? { username: username ?? '', password: password ?? '' } : { apiKey };
}

function nodeOf(name: string, { cloudId, url }: ResolvedElasticsearchConnection): string {
  if (cloudId === undefined) return url ?? '';
  const host = hostOfCloudId(cloudId);
  if (host === null) {
    throw new BackhaulError('definitions_invalid', `connection ${name}, cloudId: it is no cloud id`, {
      action: 'Copy the cloud id from the page of the deployment.',
    });
  }
  return `https://${host}`;
}
