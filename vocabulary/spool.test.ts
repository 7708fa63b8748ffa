import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { anyText } from '../test/support/canonical-values.ts';
import { required } from '../test/support/required.ts';
import { escapeSpool, SPOOL_NULL, unescapeSpool } from './spool.ts';

const writeRow = (values: readonly (string | null)[]): string =>
  `${values.map((value) => (value === null ? SPOOL_NULL : escapeSpool(value))).join('\t')}\n`;
const readRow = (line: string): (string | null)[] =>
  line
    .slice(0, -1)
    .split('\t')
    .map((value) => (value === SPOOL_NULL ? null : unescapeSpool(value)));
const row = fc.array(fc.option(anyText, { nil: null }), { minLength: 1, maxLength: 5 });

describe('the spool', () => {
  it('gives back every value as it was written', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(unescapeSpool(escapeSpool(value))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('is a line a row and a tab between values, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const lines = rows
          .map(writeRow)
          .join('')
          .split(/(?<=\n)/);
        expect(lines.filter((line) => line !== '').map(readRow)).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  it('tells NULL from every text', () => {
    fc.assert(fc.property(anyText, (value) => expect(escapeSpool(value)).not.toBe(SPOOL_NULL)));
    expect(escapeSpool('\\N')).toBe('\\\\N');
    expect(escapeSpool('')).toBe('');
  });

  it('compares keys as they are written: two texts are the same exactly when their spooled texts are', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(escapeSpool(one) === escapeSpool(other)).toBe(one === other);
      }),
    );
  });

  it("is what PostgreSQL's COPY writes, character by character", async () => {
    const client = new pg.Client({ connectionString: required('TEST_POSTGRES_URL') });
    await client.connect();
    try {
      const copy = client.query(
        copyTo("copy (select chr(code) || 'N', null from generate_series(1, 1000) as code) to stdout"),
      );
      const lines = (await text(copy)).split(/(?<=\n)/);
      const characters = lines.map((_, position) => String.fromCharCode(position + 1));
      expect(lines).toEqual(characters.map((character) => writeRow([`${character}N`, null])));
      expect(lines.map(readRow)).toEqual(characters.map((character) => [`${character}N`, null]));
    } finally {
      await client.end();
    }
  });
});
