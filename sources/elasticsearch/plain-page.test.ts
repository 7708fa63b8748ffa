import { describe, expect, it } from '@jest/globals';
import type { ElasticsearchClient } from './client.ts';
import { columnsOf, type ElasticsearchColumn } from './columns.ts';
import { fieldTypes, mappedFields, type MappedFields } from './index-fields.ts';
import { readPlainPage } from './plain-page.ts';

const options = { where: 'model m', maxValueBytes: 100 };
const asked = { connection: 'search' };

const answering = (answer: unknown): ElasticsearchClient => ({
  ask: async () => JSON.stringify(answer),
  close: async () => undefined,
});

const mappedIn = (...mappings: object[]): Promise<MappedFields> =>
  mappedFields(
    answering(Object.fromEntries(mappings.map((one, index) => [`i-${index}`, { mappings: one }]))),
    'i-*',
    asked,
  );

async function columnOf(field: string, type: string): Promise<ElasticsearchColumn> {
  const caps = {
    indices: ['i'],
    fields: { [field]: Object.fromEntries(type.split(', ').map((one) => [one, {}])) },
  };
  const types = await fieldTypes(answering(caps), 'i', null, asked);
  const [column] = columnsOf({ name: 'm', fields: [field] }, types, {
    days: new Set(),
    plain: new Set([field]),
    isKept: () => true,
  });
  if (column === undefined) throw new Error('no column');
  return column;
}

const answer = (source: string, sort = '1'): string =>
  `{"pit_id":"p","timed_out":false,"_shards":{"failed":0},"hits":{"hits":[{"_id":"1","_source":${source},"sort":[${sort},7]}]}}`;

/** The line; null when the page has to be read by the mapping. */
async function plain(field: string, type: string, source: string): Promise<string | null> {
  return readPlainPage(answer(source), [await columnOf(field, type)], options)?.lines.trimEnd() ?? null;
}

describe('elasticsearch: a page of plain documents', () => {
  it.each([
    ['float', '0.1', '0.1'],
    ['float', '-12.5', '-12.5'],
    ['float', '0.1234567', null],
    ['float', '16777217', null],
    ['float', '1e30', null],
    ['double, float', '0.1234567', null],
    ['double', '0.1234567', '0.1234567'],
    ['ip', '"192.168.0.1"', '192.168.0.1'],
    ['ip', '"192.168.0.256"', null],
    ['ip', '"1.2.3.4.5"', null],
    ['ip', '"::FFFF:1.2.3.4"', null],
    ['date', '"2024-02-29"', '2024-02-29 00:00:00'],
    ['date', '"2024-02-29T12:00:00.120"', '2024-02-29 12:00:00.12'],
    ['date', '"2024-02-29T12:00:00.1239999Z"', '2024-02-29 12:00:00.123'],
    ['date', '"2024-02-29T12:00:00+02:00"', null],
    ['date', '1700000000123', null],
    ['date_nanos', '"2024-02-29T12:00:00.123456789"', '2024-02-29 12:00:00.123456789'],
    ['date, date_nanos', '"2024-02-29T12:00:00.1234Z"', null],
    ['date, date_nanos', '"2024-02-29T12:00:00.123Z"', '2024-02-29 12:00:00.123'],
  ])('%s %s is read as %s', async (type, written, line) => {
    expect(await plain('value', type, `{"value":${written}}`)).toBe(line);
  });

  it.each([
    ['{"a":{"b":"x"}}', 'x'],
    ['{"a":{"c":"x"}}', '\\N'],
    ['{"a":null}', '\\N'],
    ['{"a.b":"x"}', null],
    ['{"a":{"c":"x"},"a.b":"y"}', null],
    ['{"a":{"b":"x"},"a.b":"y"}', null],
    ['{"a":[{"b":"x"}]}', null],
  ])('a path of two names in %s is read as %s', async (source, line) => {
    expect(await plain('a.b', 'keyword', source)).toBe(line);
  });

  it.each(['9007199254740993', '-0.0', '0.5', 'null', '"2024"', '9223372036854775807'])(
    'goes on behind the sort value %s, as it is written',
    (sort) => {
      const after = readPlainPage(answer('{}', sort), [], options)?.after;
      expect(after).toBe(`[${sort},7]`);
    },
  );

  it('that breaks off is an interrupted read', () => {
    expect(() => readPlainPage('{"hits":{"hits":[{"secret', [], options)).toThrow(/no whole JSON/);
  });
});

describe('elasticsearch: what a mapping tells', () => {
  it('a value that is made when a document is indexed is not in the document', async () => {
    const { plain: found } = await mappedIn({
      properties: {
        written: { type: 'keyword' },
        script: { type: 'keyword', script: { source: 'emit("x")' } },
        copied: { type: 'keyword' },
        from: { type: 'text', copy_to: 'copied' },
        nullValue: { type: 'keyword', null_value: 'none' },
        shadowed: { type: 'keyword' },
      },
      runtime: { shadowed: { type: 'long' } },
    });
    expect([...found]).toEqual(['written', 'from']);
  });

  it('a field that an index does not map may be in its documents without being a value', async () => {
    const mapped = { properties: { a: { type: 'keyword' } } };
    expect((await mappedIn(mapped, { dynamic: 'false' })).plain.has('a')).toBe(false);
  });

  it.each([
    [{ enabled: false }, 'a.b', false],
    [{ mode: 'disabled' }, 'a', false],
    [{ mode: 'synthetic' }, 'a', true],
    [{ excludes: ['a'] }, 'a.b', false],
    [{ excludes: ['a.*'] }, 'a.b', false],
    [{ excludes: ['a.*'] }, 'a', true],
    [{ excludes: ['*.b'] }, 'a.b.c', false],
    [{ excludes: ['a'] }, 'ab', true],
    [{ includes: ['a'] }, 'a.b', true],
    [{ includes: ['a.b'] }, 'a', true],
    [{ includes: ['a.b'] }, 'a.c', false],
    [{ excludes: ['target'] }, 'alias', false],
    [{ excludes: ['*'] }, 'runtime', true],
  ])('%j keeps the values of %s: %s', async (_source, field, kept) => {
    const { isKept } = await mappedIn({
      _source,
      properties: { alias: { type: 'alias', path: 'target' } },
      runtime: { runtime: { type: 'long' } },
    });
    expect(isKept(field)).toBe(kept);
  });
});
