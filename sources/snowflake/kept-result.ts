import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { PassThrough, type Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { RowType } from './columns.ts';
import { rowBlocks, type WireRow } from './row-blocks.ts';

/** Snowflake answers within 45 seconds, though it be that the query still runs. */
const ANSWER_TIMEOUT_MS = 120_000;
const RUNNING = new Set(['333333', '333334']);
const POLL_PAUSE_MS = 100;
const RESULT_GONE = '000710';

/** Rows of a result that come in one piece: those in the answer itself, or a file of the result's storage. */
export interface Part {
  firstRow: number;
  rows: number;
  blocks(signal: AbortSignal): AsyncIterable<WireRow[]>;
}

export interface KeptResult {
  rowtype: RowType[];
  parts: Part[];
}

interface Answer {
  success?: boolean;
  code?: string | null;
  message?: unknown;
  data?: {
    sqlState?: unknown;
    total?: unknown;
    queryResultFormat?: unknown;
    rowtype?: RowType[];
    rowset?: WireRow[];
    chunks?: { url: string; rowCount: number }[];
    chunkHeaders?: Record<string, string>;
    qrmk?: string;
  } | null;
}

export interface Access {
  url: string;
  dispatcher: Dispatcher;
  signal: AbortSignal;
  /** Asks with a token that is good now. */
  withToken<T>(ask: (token: string) => Promise<T>): Promise<T>;
}

/** The query has no result that can be read, though Snowflake and its session are well. */
export class NoResult extends Error {
  readonly code: string;
  readonly sqlState: unknown;

  constructor({ code, data, message }: Answer) {
    super(typeof message === 'string' ? message : 'refused');
    this.code = code ?? '';
    this.sqlState = data?.sqlState;
  }
}

/**
 * The result of a query, as soon as it is there. Snowflake keeps it for 24 hours, for every session of the same user.
 *
 * @throws NoResult
 */
export async function keptResult(queryId: string, access: Access): Promise<KeptResult> {
  for (;;) {
    const answer = await access.withToken((token) => ask(queryId, access, token));
    if (answer.success === true && !RUNNING.has(answer.code ?? ''))
      return resultOf(answer, access.dispatcher);
    await sleep(POLL_PAUSE_MS, undefined, { signal: access.signal });
  }
}

async function ask(queryId: string, { dispatcher, signal, url }: Access, token: string): Promise<Answer> {
  const { body, statusCode } = await request(`${url}/queries/${encodeURIComponent(queryId)}/result`, {
    headers: { accept: 'application/snowflake', authorization: `Snowflake Token="${token}"` },
    dispatcher,
    signal,
    headersTimeout: ANSWER_TIMEOUT_MS,
  });
  if (statusCode === 200) {
    const answer = (await body.json()) as Answer;
    if (answer.success !== true && !RUNNING.has(answer.code ?? '')) throw new NoResult(answer);
    return answer;
  }
  await body.dump();
  if (statusCode === 404 || statusCode === 410) throw new NoResult({ code: RESULT_GONE });
  throw Object.assign(new Error('refused'), { response: { statusCode } });
}

function resultOf({ data }: Answer, dispatcher: Dispatcher): KeptResult {
  const {
    chunkHeaders,
    chunks = [],
    qrmk,
    queryResultFormat = 'json',
    rowset = [],
    rowtype = [],
  } = data ?? {};
  if (queryResultFormat !== 'json') {
    throw new BackhaulError('internal', `a result in the format ${String(queryResultFormat)}`);
  }
  const headers =
    chunkHeaders ??
    (qrmk === undefined
      ? {}
      : {
          'x-amz-server-side-encryption-customer-algorithm': 'AES256',
          'x-amz-server-side-encryption-customer-key': qrmk,
        });
  const parts: Part[] = [];
  if (rowset.length > 0) parts.push({ firstRow: 0, rows: rowset.length, blocks: () => inline(rowset) });
  let firstRow = rowset.length;
  for (const { rowCount, url } of chunks) {
    const blocks = (signal: AbortSignal) => rowBlocks(chunkTexts(url, headers, dispatcher, signal));
    parts.push({ firstRow, rows: rowCount, blocks });
    firstRow += rowCount;
  }
  if (typeof data?.total === 'number' && firstRow < data.total) {
    throw new BackhaulError('source_partial_result', `${firstRow} of ${data.total} rows`);
  }
  return { rowtype, parts };
}

async function* inline(rowset: WireRow[]): AsyncGenerator<WireRow[]> {
  yield rowset;
}

async function* chunkTexts(
  url: string,
  headers: Record<string, string>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const answer = await request(url, { headers, dispatcher, signal }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTFOUND') throw error;
    // The account was found: it is the storage that cannot be, for now or because the network of the worker does not let it.
    throw new BackhaulError('source_unreachable', `the storage of results, ${new URL(url).hostname}`, {
      cause: error,
    });
  });
  // Storage says an error in XML, with 200, too.
  if (answer.statusCode !== 200 || answer.headers['content-type'] === 'application/xml') {
    await answer.body.dump();
    // Addresses of chunks are signed for some hours only.
    throw new BackhaulError('source_interrupted', `a chunk of the result, HTTP ${answer.statusCode}`);
  }
  const zipped = String(answer.headers['content-encoding'] ?? '').includes('gzip');
  const unzipped: Readable = zipped ? createGunzip() : new PassThrough();
  // What goes wrong in it ends the loop below.
  pipeline(answer.body, unzipped as PassThrough).catch(() => undefined);
  try {
    for await (const text of unzipped.setEncoding('utf8') as AsyncIterable<string>) yield text;
  } finally {
    answer.body.destroy();
    unzipped.destroy();
  }
}
