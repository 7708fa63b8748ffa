/**
 * A process that reads one model and says what it took: started with a `ReadOrder` on standard input, so that its memory is
 * that of one read and of nothing else.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { openBlobs } from '../../blobs/blobs.ts';
import type { ResolvedWarehouseConnection } from '../../definitions/connection.ts';
import { openDuckDb } from '../../snapshot/duckdb.ts';
import { takeSnapshot } from '../../snapshot/take-snapshot.ts';
import { openSource } from '../../sources/open.ts';
import type { ResolvedModel } from '../../sources/source.ts';
import { blobName } from '../../vocabulary/ids.ts';
import { MAX_VALUE_BYTES, type Piece } from '../../vocabulary/spool.ts';
import { bareRead } from './bare-read.ts';

export interface ReadOrder {
  connection: ResolvedWarehouseConnection;
  allowedEndpoints: readonly string[];
  model: ResolvedModel;
  /** To a snapshot at rest; the source alone; the client as its manual shows it, with nobody who uses the rows. */
  how: 'snapshot' | 'source' | 'bare';
}

export interface ReadFigures {
  rows: number;
  seconds: number;
  peakRssBytes: number;
}

const NEWLINE = 0x0a;

const order = (await json(process.stdin)) as ReadOrder;
const started = performance.now();
const rows = await read(order);
const figures: ReadFigures = {
  rows,
  seconds: (performance.now() - started) / 1000,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
// A client may keep sockets open for a next query.
process.exit(0);

async function read({ allowedEndpoints, connection, how, model }: ReadOrder): Promise<number> {
  if (how === 'bare') return bareRead(connection, model);
  const source = await openSource('bench', connection, {
    signal: new AbortController().signal,
    allowedEndpoints,
  });
  const columns = (await source.describe(model)).map(({ name }) => name);
  const options = { maxValueBytes: MAX_VALUE_BYTES, id: randomUUID(), from: null };
  const { pieces } = await source.read(model, columns, options);
  const count = how === 'source' ? await countLines(pieces) : await snapshot(pieces);
  await source.close();
  return count;
}

async function countLines(pieces: AsyncIterable<Piece>): Promise<number> {
  let lines = 0;
  for await (const piece of pieces) {
    if ('place' in piece) continue;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines += 1;
  }
  return lines;
}

async function snapshot(pieces: AsyncIterable<Piece>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-bench-read-'));
  const duckdb = await openDuckDb({ scratch: join(folder, 'scratch') });
  try {
    const taken = await takeSnapshot({
      spool: pieces,
      digest: 'bench',
      prefix: blobName('snapshot'),
      blobs: openBlobs(pathToFileURL(join(folder, 'blobs')).href),
      duckdb,
      scratch: join(duckdb.scratch, 'read'),
      // What a run does with them costs one statement a part.
      onPlace: async () => undefined,
    });
    return taken.rows;
  } finally {
    duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}
