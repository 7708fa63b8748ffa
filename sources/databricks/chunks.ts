import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import type { ExternalLink } from './answers.ts';
import { networkError } from './errors.ts';
import { splitRows, type Row } from './split-rows.ts';
import type { Statements } from './statements.ts';

/** Chunks that are asked for before they are wanted. Each costs a connection and its first bytes, not its whole text. */
const AHEAD = 2;
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 250;
const TIMEOUT_MS = 60_000;
/** A link that was got earlier is not followed so short before it expires. */
const LINK_MARGIN_MS = 30_000;

/** What the next attempt can mend and this one cannot. */
const NOT_HERE: readonly ErrorCode[] = ['source_result_expired', 'source_token_expired'];

export interface ChunkReader {
  /** The rows of a chunk, a batch at a time. */
  rows(index: number): AsyncGenerator<Row[]>;
  /** Breaks off what was asked for ahead. */
  stop(): void;
}

interface Download {
  body: Dispatcher.ResponseData['body'];
  rowCount: number | undefined;
}

/**
 * Reads the chunks of a kept result, in their order, from the links that Databricks gives for each. A link carries its own
 * permission: the token is not sent there.
 */
export function openChunks(
  options: {
    connection: string;
    id: string;
    count: number;
    /** Those that came with the status. */
    links: readonly ExternalLink[];
    /** Origins that may be something else than https. */
    allowed: readonly string[];
  },
  statements: Statements,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): ChunkReader {
  const { connection, id, count, allowed } = options;
  const where = `connection ${connection}, result`;
  const stopping = new AbortController();
  const stopped = AbortSignal.any([signal, stopping.signal]);
  const links = new Map(options.links.map((link) => [link.chunk_index, link]));
  const asked = new Map<number, Promise<Download>>();
  let served = false;
  let refusal: number | null = null;

  const linkOf = async (index: number): Promise<ExternalLink> => {
    const had = links.get(index);
    if (had !== undefined && !isNearlyOver(had)) return had;
    const answer = await statements.chunk(id, index, stopped);
    if (!('value' in answer)) throw await gone(`HTTP ${answer.status} ${answer.errorCode}`.trimEnd());
    for (const link of answer.value.external_links ?? []) links.set(link.chunk_index, link);
    const link = links.get(index);
    if (link === undefined) throw new BackhaulError('source_partial_result', `${where}, chunk ${index}`);
    return link;
  };
  const gone = async (said: string): Promise<BackhaulError> =>
    (await statements.isKept(id))
      ? new BackhaulError('source_interrupted', `${where}, ${said}`)
      : new BackhaulError('source_result_expired', where);

  /** New links, one after the other, and none that the storage takes from here. */
  const shutOut = (status: number): BackhaulError =>
    new BackhaulError('source_permission', `${where}, storage, HTTP ${status}`, {
      action: 'Let the worker reach the storage of the workspace: see its firewall and its network policy.',
    });

  const download = async (index: number): Promise<Download> => {
    const link = await linkOf(index);
    const url = new URL(link.external_link);
    if (url.protocol !== 'https:' && !allowed.includes(url.origin)) {
      throw new BackhaulError('source_endpoint_refused', `${where}: ${url.origin}`);
    }
    const { statusCode, body } = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      headers: withoutToken(link.http_headers ?? {}),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: stopped,
    });
    // Whoever reads it is told; one that nobody reads any more tells nobody.
    body.on('error', () => undefined);
    if (statusCode === 200) {
      served = true;
      return { body, rowCount: link.row_count };
    }
    await body.dump();
    links.delete(index);
    if (statusCode === 403) refusal = statusCode;
    throw await gone(`storage, HTTP ${statusCode}`);
  };
  const ask = (index: number): Promise<Download> => {
    const asking = asked.get(index) ?? download(index);
    asked.delete(index);
    for (let next = index + 1; next <= Math.min(count - 1, index + AHEAD); next += 1) {
      if (asked.has(next)) continue;
      const ahead = download(next);
      ahead.catch(() => undefined);
      asked.set(next, ahead);
    }
    return asking;
  };

  return {
    async *rows(index) {
      let given = 0;
      for (let attempt = 1; ; attempt += 1) {
        try {
          const { body, rowCount } = await ask(index);
          let seen = 0;
          for await (const batch of splitRows(body as AsyncIterable<Buffer>)) {
            // What an earlier attempt gave of this chunk, which never changes.
            const fresh = batch.slice(Math.max(0, given - seen));
            seen += batch.length;
            given = Math.max(given, seen);
            if (fresh.length > 0) yield fresh;
          }
          if (rowCount !== undefined && seen !== rowCount) {
            throw new BackhaulError('source_partial_result', `${where}, chunk ${index}`);
          }
          links.delete(index);
          return;
        } catch (error) {
          stopped.throwIfAborted();
          const failure = networkError(`${where}, storage`, error);
          if (!failure.entry.retryable || NOT_HERE.includes(failure.code)) throw failure;
          if (attempt === ATTEMPTS) throw served || refusal === null ? failure : shutOut(refusal);
          await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, { signal: stopped });
        }
      }
    },
    stop: () => stopping.abort(),
  };
}

const isNearlyOver = ({ expiration }: ExternalLink): boolean =>
  expiration !== undefined && Date.parse(expiration) - Date.now() < LINK_MARGIN_MS;

/** What the storage asks for, such as the key that decrypts a result. */
const withoutToken = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
