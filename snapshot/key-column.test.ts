import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { partName } from './take-snapshot.ts';
import { openWorkbench, type SpoolRow, type Workbench } from '../test/support/snapshot-workbench.ts';
import { spooledKey } from '../vocabulary/row-key.ts';
import { escapeSpool } from '../vocabulary/spool.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const value = fc.oneof(
  fc.constantFrom(null, '', '\\', '/', 'N', '\\N'),
  fc.string(),
  fc.string({ unit: fc.constantFrom('/', '\\', 'a', '\t', '\n', 'N', "'"), maxLength: 6 }),
);

describe('the key of a snapshot', () => {
  it.each([1, 2, 3])('of %d columns is the one that messages and people have', async (parts) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(value, value, value, value), { minLength: 1, maxLength: 40 }),
        async (rows: SpoolRow[]) => {
          const { segments } = await bench.snapshot(rows, 'digest', { keyParts: parts });
          const [segment] = segments;
          if (segment === undefined) throw new Error('nothing is at rest');
          const stored = await bench.read(partName(segment.prefix, 0), 'hex(encode(k)) as k');
          const keys = stored.map(({ k }) => Buffer.from(String(k), 'hex').toString());
          const expected = rows.map((row) =>
            spooledKey(
              row.map((one) => (one === null ? null : escapeSpool(one))),
              parts,
            ),
          );
          expect(keys.sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 25 },
    );
  });
});
