import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeBatches } from '../test/support/write-batches.ts';
import { readBatches, type Range } from './batches-at-rest.ts';

/** Messages as `map` writes them: JSON objects on one line, full of what parts lines and messages. */
const message = fc
  .dictionary(
    fc.string(),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(',', ',\n', '},\n{', '\\n')),
  )
  .map((traits) => JSON.stringify({ traits }));

/** Messages, cut into batches that cover them in order. */
const page = fc.array(fc.array(message, { minLength: 1, maxLength: 5 }), { maxLength: 5 }).map((parts) => {
  const batches: Range[] = [];
  for (const part of parts) {
    const first = batches.at(-1)?.beyond ?? 0;
    batches.push({ first, beyond: first + part.length });
  }
  return { messages: parts.flat(), batches };
});

const read = ({ messages, batches }: { messages: string[]; batches: Range[] }) =>
  readBatches(writeBatches(messages, batches));

describe('batches at rest', () => {
  it('come back as they were cut', () => {
    fc.assert(
      fc.property(page, (written) => {
        const found = read(written);
        expect(found.messages).toBe(written.messages.length);
        expect(found.batches).toEqual(written.batches);
      }),
    );
  });

  it('give any messages of a batch, byte by byte, ready to be put between brackets', () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.nat(), (written, one, other) => {
        const found = read(written);
        for (const { first, beyond } of written.batches) {
          const size = beyond - first;
          const range = {
            first: first + Math.min(one % size, other % size),
            beyond: first + Math.max(one % size, other % size) + 1,
          };
          const text = found.text(range).toString('utf8');
          const expected = written.messages.slice(range.first, range.beyond);
          expect(text).toBe(expected.join(',\n'));
          expect(JSON.parse(`[${text}]`)).toEqual(expected.map((json) => JSON.parse(json) as unknown));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('take a line a message, and two bytes besides', () => {
    fc.assert(
      fc.property(page, (written) => {
        const blob = writeBatches(written.messages, written.batches);
        const bytes = written.messages.reduce((sum, json) => sum + Buffer.byteLength(json) + 2, 0);
        expect(blob.length).toBe(bytes);
        expect(blob.filter((byte) => byte === 0x0a).length).toBe(written.messages.length);
      }),
    );
  });

  it('of a page whose rows are all invalid are none', () => {
    expect(read({ messages: [], batches: [] })).toMatchObject({ messages: 0, batches: [] });
  });
});
