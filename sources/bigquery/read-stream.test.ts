import { describe, expect, it } from '@jest/globals';
import * as arrow from 'apache-arrow';
import { MAX_VALUE_BYTES, type Piece } from '../../vocabulary/spool.ts';
import { fieldOf } from './columns.ts';
import { failureError } from './failure.ts';
import type { ReadPlace } from './place.ts';
import { streamPieces } from './read-stream.ts';
import type { Batch, StorageApi } from './storage.ts';

const ROWS = 10;
const beginning: ReadPlace = {
  job: 'backhaul-x-1',
  location: 'US',
  read: 'storage',
  rows: 0,
  token: null,
  stream: null,
  done: false,
};

function batchOf(from: number, to: number): Batch {
  const ids = BigInt64Array.from({ length: to - from }, (_, row) => BigInt(from + row));
  const data = arrow.makeData({ type: new arrow.Int64(), length: ids.length, data: ids });
  return { rows: ids.length, columns: new Map([['id', data]]) };
}

/** Rows 0 to 9, two in a batch; each call gives one batch and then fails so, until nothing is left to fail with. */
function failing(reasons: string[]): StorageApi & { opened: number } {
  return {
    opened: 0,
    async openStream() {
      this.opened += 1;
      return 'stream';
    },
    async *readRows(_, offset) {
      for (let from = offset; from < ROWS; from += 2) {
        if (reasons[0] === 'at once') reasons.shift();
        else yield batchOf(from, from + 2);
        const reason = reasons.shift();
        if (reason !== undefined) {
          throw failureError({ status: null, reason, text: '', clockAheadSeconds: null });
        }
      }
    },
    close: async () => undefined,
  };
}

async function read(
  storage: StorageApi,
  { from = beginning, renew = () => undefined }: { from?: ReadPlace; renew?: () => void } = {},
): Promise<string> {
  const pieces: Piece[] = [];
  const options = {
    model: 'users',
    fields: [fieldOf({ name: 'id', type: 'INTEGER' })],
    maxValueBytes: MAX_VALUE_BYTES,
    signal: new AbortController().signal,
  };
  for await (const piece of streamPieces(storage, { renew }, 'table', from, options)) pieces.push(piece);
  return pieces
    .flatMap((piece) => ('place' in piece ? [] : [piece.toString('utf8')]))
    .join('')
    .replaceAll('\n', ' ');
}

const ALL = '0 1 2 3 4 5 6 7 8 9 ';

describe('bigquery: a stream of the Storage Read API', () => {
  it('that breaks is read again behind the rows that are there, each once', async () => {
    const storage = failing(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);
    expect(await read(storage)).toBe(ALL);
    expect(storage.opened).toBe(1);
  });

  it('whose token runs out goes on with a new one', async () => {
    let renewed = 0;
    expect(await read(failing(['UNAUTHENTICATED']), { renew: () => (renewed += 1) })).toBe(ALL);
    expect(renewed).toBe(1);
  });

  it.each(['FAILED_PRECONDITION', 'INVALID_ARGUMENT', 'OUT_OF_RANGE'])(
    'that is over (%s) ends as a result that has expired, so that the next attempt takes a new one',
    async (reason) => {
      await expect(read(failing([reason]))).rejects.toMatchObject({ code: 'source_result_expired' });
      const resumed = { ...beginning, stream: 'stream', rows: 4 };
      await expect(read(failing(['at once', reason]), { from: resumed })).rejects.toMatchObject({
        code: 'source_result_expired',
      });
    },
  );

  it('that is refused before its first row is not taken for one that is over', async () => {
    await expect(read(failing(['at once', 'INVALID_ARGUMENT']))).rejects.not.toMatchObject({
      code: 'source_result_expired',
    });
  });
});
