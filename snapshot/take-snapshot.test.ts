import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  openWorkbench,
  spoolOf,
  type SnapshotAtRest,
  type Workbench,
} from '../test/support/snapshot-workbench.ts';
import { MAX_LINE_BYTES, type Piece } from '../vocabulary/spool.ts';
import { nothingTaken, partName } from './take-snapshot.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

interface StoredRow {
  k: string;
  fh: bigint;
  fl: bigint;
  line: string;
}

async function stored(snapshot: SnapshotAtRest): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  const names = snapshot.segments.flatMap(({ prefix, parts }) =>
    Array.from({ length: parts }, (_, part) => partName(prefix, part)),
  );
  for (const name of names) {
    // As bytes, since DuckDB's client takes a byte order mark off a text.
    const read = await bench.read(name, 'hex(encode(k)) as k, fh, fl, hex(encode(line)) as line');
    rows.push(
      ...(read as unknown as StoredRow[]).map((row) => ({
        ...row,
        k: fromHex(row.k),
        line: fromHex(row.line),
      })),
    );
  }
  return rows;
}

const fromHex = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8');

const awkward = [
  '',
  ' ',
  'NULL',
  'null',
  '\\N',
  '\\',
  '"',
  '""',
  '"unclosed',
  "'",
  ',;|#',
  'tab\there',
  'line\nbreak',
  'carriage\rreturn',
  '\f\v\b',
  '\u0001\u007f\u0085',
  '\u2028',
  '\ufeffbyte order mark',
  'é',
  'e\u0301',
  '日本語',
  '😀',
  '-0',
  '1e308',
];

describe('a snapshot', () => {
  it('holds every row as it was spooled, whatever is in its values', async () => {
    const rows = awkward.flatMap((value, position) => [
      [`key-${position}`, value, null],
      [value, 'as a key', ''],
    ]);
    const snapshot = await bench.snapshot(rows);
    expect(snapshot).toMatchObject({ rows: rows.length, segments: [{ parts: 1 }] });
    const lines = spoolOf(rows).split('\n').slice(0, -1);
    const got = await stored(snapshot);
    expect(got.map((row) => row.line).sort()).toEqual([...lines].sort());
    expect(got.map((row) => row.k).sort()).toEqual(lines.map((line) => line.split('\t')[0]).sort());
  });

  it('keeps a byte order mark that the first value of a file begins with', async () => {
    const [row] = await stored(await bench.snapshot([['\ufeffkey', 'x']]));
    expect(row).toMatchObject({ k: '\ufeffkey', line: '\ufeffkey\tx' });
  });

  it('keeps the empty strings of a model with a single column', async () => {
    const snapshot = await bench.snapshot([[''], ['a'], [''], [''], [null]]);
    expect(snapshot.rows).toBe(5);
    expect((await stored(snapshot)).map((row) => row.k).sort()).toEqual(['', '', '', '\\N', 'a']);
  });

  it('fingerprints the digest of the mapping and the row, the same wherever the row stands', async () => {
    const md5 = createHash('md5').update('mapping-1').update('k\tvalue\t\\N').digest('hex');
    const alone = await stored(await bench.snapshot([['k', 'value', null]], 'mapping-1'));
    const among = await stored(
      await bench.snapshot(
        [
          ['a', '', ''],
          ['k', 'value', null],
          ['z', 'y', 'x'],
        ],
        'mapping-1',
      ),
    );
    const other = await stored(await bench.snapshot([['k', 'value', null]], 'mapping-2'));
    const print = (row: StoredRow | undefined): string[] => [String(row?.fh), String(row?.fl)];
    expect(print(among[1])).toEqual(print(alone[0]));
    expect(print(other[0])).not.toEqual(print(alone[0]));
    const halves = (text: string): string[] =>
      [text.slice(0, 16), text.slice(16)].map((hex) => String(BigInt(`0x${hex}`)));
    // DuckDB's number is the hash read from its last byte to its first.
    const reversed = Buffer.from(md5, 'hex').reverse().toString('hex');
    expect([halves(md5), halves(reversed)]).toContainEqual(print(alone[0]));
  });

  it('tells any two different rows apart: borders of columns and nulls count', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(value(), value(), value()), {
          minLength: 2,
          maxLength: 30,
          selector: (row) => JSON.stringify(row),
        }),
        async (rows) => {
          const got = await stored(await bench.snapshot(rows));
          expect(new Set(got.map((row) => `${row.fh}-${row.fl}`)).size).toBe(rows.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('cuts a row that is too long for Segment in any case, and loses none beside it', async () => {
    const long = 'é'.repeat(MAX_LINE_BYTES);
    const snapshot = await bench.snapshot([
      ['a', '1'],
      ['long', long],
      ['b', '2'],
    ]);
    const got = await stored(snapshot);
    expect(got.map((row) => row.k)).toEqual(['a', 'b', 'long']);
    expect(Buffer.byteLength(got[2]?.line ?? '')).toBeGreaterThan(MAX_LINE_BYTES - 4);
  });

  it('has no part when there are no rows', async () => {
    expect(await bench.snapshotOfSpool(Readable.from([]))).toEqual(nothingTaken());
  });

  it('counts a last row without a newline', async () => {
    expect(await bench.snapshotOfSpool(Readable.from([Buffer.from('a\t1\nb\t2')]))).toMatchObject({
      rows: 2,
      bytes: 8,
    });
  });

  it('is cut into parts of whole rows when it is large', async () => {
    const rows = 40_000;
    const filler = 'x'.repeat(1000);
    const spool = Readable.from(
      (function* () {
        for (let row = 0; row < rows; row++) yield Buffer.from(`key-${row}\t${filler}\n`);
      })(),
    );
    const snapshot = await bench.snapshotOfSpool(spool);
    expect(snapshot.rows).toBe(rows);
    expect(snapshot.segments).toEqual([{ prefix: expect.any(String), parts: 2 }]);
    expect(new Set((await stored(snapshot)).map((row) => row.k)).size).toBe(rows);
  });

  it('goes on behind a place where an earlier attempt broke off, and holds every row once', async () => {
    const page = fc.record({
      rows: fc.integer({ min: 0, max: 40 }),
      breaksAfter: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), async (pages) => {
        const breaks = pages.map(({ breaksAfter }) => breaksAfter);
        async function* from(start: number): AsyncGenerator<Piece> {
          yield { place: { page: start } };
          for (const [index, { rows }] of pages.entries()) {
            if (index < start) continue;
            for (let row = 0; row < rows; row++) yield Buffer.from(`${index}-${row}\tvalue\n`);
            if (breaks[index] === true) {
              breaks[index] = false;
              throw new Error('broken off');
            }
            yield { place: { page: index + 1 } };
          }
        }
        let recorded = { page: 0, taken: nothingTaken() };
        for (;;) {
          try {
            const snapshot = await bench.attempt(
              from(recorded.page),
              recorded.taken,
              async (place, taken) => {
                recorded = { page: Number(place.page), taken };
              },
            );
            const expected = pages.flatMap(({ rows }, index) =>
              Array.from({ length: rows }, (_, row) => `${index}-${row}`),
            );
            expect((await stored(snapshot)).map((row) => row.k).sort()).toEqual([...expected].sort());
            expect(snapshot.rows).toBe(expected.length);
            return;
          } catch (error) {
            if ((error as Error).message !== 'broken off') throw error;
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('fails with the error of the source when that breaks off, so that it can be tried again', async () => {
    const broken = Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
    const spool = Readable.from(
      (async function* () {
        yield Buffer.from('a\t1\n');
        throw broken;
      })(),
    );
    await expect(bench.snapshotOfSpool(spool)).rejects.toBe(broken);
  });

  it('fails without a word of the row when a source hands over bytes that are no text', async () => {
    const spool = Readable.from([Buffer.concat([Buffer.from('secret'), Buffer.of(0xff, 0xfe, 0x0a)])]);
    await expect(bench.snapshotOfSpool(spool)).rejects.toMatchObject({
      code: 'row_unreadable',
      message: expect.not.stringContaining('secret'),
    });
  });
});

function value(): fc.Arbitrary<string | null> {
  return fc.oneof(
    fc.constant(null),
    fc.constantFrom('', '\t', '\\', '\\N', '\n', 'N', 'a'),
    fc.string({ maxLength: 3 }),
  );
}
