import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { valueWriter } from '../../mapping/value.ts';
import { startSqlServer, type SqlServer } from '../../test/standins/elasticsearch/sql-server.ts';
import { nobodyStops, readPieces } from '../../test/support/read-pieces.ts';
import { MAX_VALUE_BYTES, SPOOL_NULL, type Piece, type Place } from '../../vocabulary/spool.ts';
import type { Source, SourceContext } from '../source.ts';
import { openElasticsearch } from './open-elasticsearch.ts';

const ROWS = 25;
const PEOPLE = 'SELECT id, name FROM people';
const ODD = 'SELECT n FROM odd';
const VALUES = 'SELECT * FROM values';

let server: SqlServer;
const opened: Source[] = [];

function open(context: SourceContext = nobodyStops()): Source {
  const connection = resolveConnection('search', {
    type: 'elasticsearch',
    url: server.url,
    apiKey: 'a2V5',
    timeout: '5m',
    pageRows: 10,
  });
  const source = openElasticsearch('search', connection, context);
  opened.push(source);
  return source;
}

beforeAll(async () => {
  server = await startSqlServer({
    [PEOPLE]: {
      columns: [
        { name: 'id', type: 'long' },
        { name: 'name', type: 'keyword' },
      ],
      rows: Array.from({ length: ROWS }, (_, index) => `[90071992547409${index + 10},"n${index}"]`),
    },
    [VALUES]: {
      columns: [
        { name: 'unsigned', type: 'unsigned_long' },
        { name: 'double', type: 'double' },
        { name: 'boolean', type: 'boolean' },
        { name: 'datetime', type: 'datetime' },
        { name: 'date', type: 'date' },
        { name: 'time', type: 'time' },
        { name: 'interval', type: 'interval_day' },
        { name: 'point', type: 'geo_point' },
        { name: 'ip', type: 'ip' },
        { name: 'binary', type: 'binary' },
        { name: 'nothing', type: 'null' },
        { name: 'text', type: 'text' },
      ],
      rows: [
        '[18446744073709551615,1.0E300,true,"2024-02-29T12:00:00.120Z","2024-02-29","12:00:00.000Z","+1 00:00:00.0","POINT (1.0 2.0)","::1","3q2+7w==",null,"tab\\t \\uD83D\\uDE00"]',
      ],
    },
    [ODD]: {
      columns: [{ name: 'n', type: 'long' }],
      rows: Array.from({ length: ROWS }, () => '["no number"]'),
    },
    'SELECT a, b AS a FROM people': {
      columns: [
        { name: 'a', type: 'long' },
        { name: 'a', type: 'long' },
      ],
      rows: [],
    },
    'SELECT FROM': {
      status: 400,
      error: {
        type: 'parsing_exception',
        reason: "line 1:8: mismatched input 'FROM' expecting secret-value",
      },
    },
    'SELECT x FROM people': {
      status: 400,
      error: { type: 'verification_exception', reason: 'Found 1 problem\nline 1:8: Unknown column [x]' },
    },
    'SELECT x FROM nowhere': {
      status: 400,
      error: {
        type: 'verification_exception',
        reason: 'Found 1 problem\nline 1:15: Unknown index [nowhere]',
      },
    },
    'SELECT busy FROM people': {
      status: 429,
      error: { type: 'circuit_breaking_exception', reason: '[parent] Data too large' },
    },
    'SELECT often FROM people': { status: 429, error: { type: 'too_many_requests', reason: 'slow down' } },
  });
});
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await server.close();
});

const modelOf = (sql: string) => ({ name: 'm', sql });

async function pieces(from: Place | null = null): Promise<Piece[]> {
  const reading = await open().read(modelOf(PEOPLE), ['name', 'id'], {
    maxValueBytes: MAX_VALUE_BYTES,
    id: 'test',
    from,
  });
  const all: Piece[] = [];
  for await (const piece of reading.pieces) all.push(piece);
  return all;
}
const linesIn = (all: readonly Piece[]): string =>
  all.map((piece) => ('place' in piece ? '' : piece.toString('utf8'))).join('');
const placesIn = (all: readonly Piece[]): Place[] =>
  all.flatMap((piece) => ('place' in piece ? [JSON.parse(JSON.stringify(piece.place)) as Place] : []));

describe('elasticsearch: a model of SQL, by _sql', () => {
  it('is read page by page, with every digit, in UTC', async () => {
    const all = await pieces();
    expect(linesIn(all)).toBe(
      Array.from({ length: ROWS }, (_, index) => `n${index}\t90071992547409${index + 10}\n`).join(''),
    );
    expect(placesIn(all)).toHaveLength(4);
    expect(server.cursors()).toBe(1);
    expect(server.asked.at(-3)).toMatchObject({
      query: PEOPLE,
      fetch_size: 10,
      time_zone: 'Z',
      allow_partial_search_results: false,
    });
  });

  it('goes on from a place, also a second time', async () => {
    const all = await pieces();
    const [, second] = placesIn(all);
    server.expire();
    await expect(pieces(second ?? null)).rejects.toMatchObject({ code: 'source_result_expired' });
    const reading = await open().read(modelOf(PEOPLE), ['name', 'id'], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'test',
      from: null,
    });
    const before: Piece[] = [];
    for await (const piece of reading.pieces) {
      before.push(piece);
      if (placesIn(before).length === 2) break;
    }
    const place = placesIn(before).at(-1) ?? null;
    expect(linesIn(before) + linesIn(await pieces(place))).toBe(linesIn(all));
    // The last page has been asked for, and with it the cursor went.
    server.expire();
    await expect(pieces(place)).rejects.toMatchObject({ code: 'source_result_expired' });
  });

  it('has nothing more behind its last place', async () => {
    const last = placesIn(await pieces()).at(-1) ?? null;
    expect(linesIn(await pieces(last))).toBe('');
  });

  it('gives its cursor back when it is released, described, or cancelled', async () => {
    server.expire();
    await open().describe(modelOf(PEOPLE));
    expect(server.cursors()).toBe(0);
    const stopping = new AbortController();
    const source = open({ signal: stopping.signal, allowedEndpoints: [] });
    const reading = await source.read(modelOf(PEOPLE), ['id'], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'test',
      from: null,
    });
    const ended = (async () => {
      for await (const piece of reading.pieces) if (!('place' in piece)) stopping.abort();
    })();
    await expect(ended).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    expect(server.cursors()).toBe(0);
  });

  it('gives its cursor back when a value ends the read for good', async () => {
    server.expire();
    const source = open();
    const reading = await source.read(modelOf(ODD), ['n'], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'test',
      from: null,
    });
    await expect(readPieces(reading.pieces)).rejects.toMatchObject({ code: 'source_value_unsupported' });
    await source.close();
    expect(server.cursors()).toBe(0);
  });

  it.each([
    ['unsigned', 'integer', '"18446744073709551615"'],
    ['double', 'float', '1e+300'],
    ['boolean', 'boolean', 'true'],
    ['datetime', 'timestamp', '"2024-02-29T12:00:00.12Z"'],
    ['date', 'date', '"2024-02-29"'],
    ['time', 'text', '"12:00:00.000Z"'],
    ['interval', 'text', '"+1 00:00:00.0"'],
    ['point', 'text', '"POINT (1.0 2.0)"'],
    ['ip', 'text', '"::1"'],
    ['binary', 'binary', '"3q2+7w=="'],
    ['nothing', 'text', 'null'],
    ['text', 'text', JSON.stringify('tab\t 😀')],
  ])('a value of %s arrives as %s: %s', async (name, kind, sent) => {
    const source = open();
    const { columns, pieces: all } = await source.read(modelOf(VALUES), [name], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'test',
      from: null,
    });
    const [column] = columns;
    expect(column?.kind).toBe(kind);
    const line = (await readPieces(all)).trimEnd();
    if (column === undefined) throw new Error('no column');
    expect(line === SPOOL_NULL ? 'null' : valueWriter(column)(line)).toBe(sent);
  });

  it('a cluster without security is warned of', async () => {
    const { warnings } = await open().validate(null);
    expect(warnings).toEqual([expect.stringMatching(/no security, so whoever reaches it could write/)]);
  });

  it.each([
    ['SELECT FROM', 'source_syntax', 'line 1, column 8'],
    ['SELECT x FROM people', 'source_column_missing', 'line 1, column 8'],
    ['SELECT x FROM nowhere', 'source_table_missing', ''],
    ['SELECT busy FROM people', 'source_busy', 'circuit_breaking_exception'],
    ['SELECT often FROM people', 'source_quota', 'too_many_requests'],
    ['SELECT a, b AS a FROM people', 'duplicate_column', '"a"'],
    ['DESCRIBE people', 'not_a_select', ''],
  ])('%s fails with %s', async (sql, code, says) => {
    const failed = open().describe(modelOf(sql));
    await expect(failed).rejects.toMatchObject({ code });
    await expect(failed).rejects.toThrow(says);
    await expect(failed).rejects.not.toThrow('secret-value');
  });
});
