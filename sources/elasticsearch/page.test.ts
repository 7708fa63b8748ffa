import { describe, expect, it } from '@jest/globals';
import { valueWriter } from '../../mapping/value.ts';
import { SPOOL_NULL } from '../../vocabulary/spool.ts';
import { columnsOf, type ElasticsearchColumn } from './columns.ts';
import { readPage } from './page.ts';

const options = { where: 'model m', maxValueBytes: 100 };

function columnOf(type: string, list = false): ElasticsearchColumn {
  const model = { name: 'm', fields: [list ? 'value[]' : 'value'] };
  const [column] = columnsOf(model, new Map([['value', [type]]]), {
    days: new Set(),
    plain: new Set(),
    isKept: () => true,
  });
  if (column === undefined) throw new Error('no column');
  return column;
}

/** The answer of a search, with one document. */
const answer = (hit: string): string =>
  `{"pit_id":"p","timed_out":false,"_shards":{"total":1,"successful":1,"failed":0},"hits":{"hits":[{"_id":"1",${hit},"sort":[9007199254740993,1]}]}}`;

function sent(type: string, json: string, list = false): unknown {
  const column = columnOf(type, list);
  const hit = column.from === 'source' ? `"_source":{"value":${json}}` : `"fields":{"value":[${json}]}`;
  const line = readPage(answer(hit), [column], options).lines.trimEnd();
  return line === SPOOL_NULL ? 'null' : valueWriter(column)(line);
}

describe('elasticsearch: a page of a search', () => {
  it('keeps the sort values as they are written, and the newest point in time', () => {
    expect(readPage(answer('"fields":{}'), [], options)).toMatchObject({
      pit: 'p',
      after: '[9007199254740993,1]',
      rows: 1,
    });
  });

  it.each([
    ['unsigned_long', '18446744073709551615', '"18446744073709551615"'],
    ['scaled_float', '12.34', '12.34'],
    ['token_count', '3', '3'],
    ['wildcard', '"a*"', '"a*"'],
    ['constant_keyword', '"c"', '"c"'],
    ['version', '"1.2.3-rc1"', '"1.2.3-rc1"'],
    ['match_only_text', '"words"', '"words"'],
    ['search_as_you_type', '"words"', '"words"'],
    [
      'geo_shape',
      '{"coordinates":[-77.03,38.89],"type":"Point"}',
      '{"coordinates":[-77.03,38.89],"type":"Point"}',
    ],
    ['shape', '{"coordinates":[1.0,2.0],"type":"Point"}', '{"coordinates":[1.0,2.0],"type":"Point"}'],
    ['histogram', '{"values":[0.1],"counts":[3]}', '{"values":[0.1],"counts":[3]}'],
    ['rank_features', '{"a":1.0}', '{"a":1.0}'],
    ['a_type_of_a_plugin', '"as it is written"', '"as it is written"'],
    ['date', '"+12345-01-01T00:00:00.000Z"', { invalid: 'timestamp_out_of_range' }],
    ['date', '"-0044-03-15T00:00:00.000Z"', { invalid: 'timestamp_out_of_range' }],
    ['keyword', '"\\u0000 \\b \\" \\\\"', '"\\u0000 \\b \\" \\\\"'],
  ])('%s %s', (type, json, expected) => {
    expect(sent(type, json)).toEqual(expected);
  });

  it('cuts a value that is too large, and leaves it too large', () => {
    const { lines } = readPage(
      answer(`"fields":{"value":["${'x'.repeat(500)}"]}`),
      [columnOf('text')],
      options,
    );
    expect(lines).toBe(`${'x'.repeat(101)}\n`);
  });

  it.each([
    ['"timed_out":false', '"timed_out":true'],
    ['"failed":0', '"failed":1'],
  ])('of a part of the shards is refused: %s to %s', (from, to) => {
    expect(() => readPage(answer('"fields":{}').replace(from, to), [], options)).toThrow(
      /a part of the result only/,
    );
  });

  it('that breaks off is not taken for whole', () => {
    const whole = answer('"fields":{"value":["a"]}');
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => readPage(whole.slice(0, length), [columnOf('keyword')], options)).toThrow();
    }
  });
});

describe('elasticsearch: the JSON of a document', () => {
  it.each([
    ['{"value":{"b":1.0}}', '{"b":1.0}'],
    ['{"value.b":1,"value.c":2}', '{"b":1,"c":2}'],
    ['{"value":null}', 'null'],
    ['{"other":1}', 'null'],
    ['{"value":[{"b":1},{"b":2}]}', '[{"b":1},{"b":2}]'],
  ])('%s', (source, expected) => {
    const { lines } = readPage(answer(`"_source":${source}`), [columnOf('object')], options);
    const line = lines.trimEnd();
    expect(line === SPOOL_NULL ? 'null' : line).toBe(expected);
  });

  it('under a dotted path', () => {
    const column = { ...columnOf('object'), field: 'a.b' };
    const read = (source: string): string =>
      readPage(answer(`"_source":${source}`), [column], options).lines.trimEnd();
    expect(read('{"a":{"b":{"c":1}}}')).toBe('{"c":1}');
    expect(read('{"a.b":{"c":1}}')).toBe('{"c":1}');
    expect(read('{"a":[{"b":{"c":1}},{"b":{"c":2}}]}')).toBe('[{"c":1},{"c":2}]');
  });
});
