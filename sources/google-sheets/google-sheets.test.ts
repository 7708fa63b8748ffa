import { readFileSync } from 'node:fs';
import { createServer as createSilentServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { valueWriter } from '../../mapping/value.ts';
import {
  tabOf,
  text,
  type StandinCell,
  type StandinSpreadsheet,
  type StandinTab,
} from '../../test/standins/google-sheets/documents.ts';
import { startSheetsServer } from '../../test/standins/google-sheets/sheets-server.ts';
import { serialOf, typedCell } from '../../test/standins/google-sheets/typed-cell.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { readPieces } from '../../test/support/read-pieces.ts';
import { MAX_VALUE_BYTES, SPOOL_NULL, unescapeSpool } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { credentialsOf } from './credentials.ts';
import { failureOf, googleError, isTransient, type Failure } from './errors.ts';
import { openGoogleSheets } from './open-google-sheets.ts';

const READER = 'reader@standin.iam.gserviceaccount.com';
const started = await startOrSkip('google_sheets', () => startSheetsServer([READER]));
const suite = started === null ? describe.skip : describe;
const server = started as NonNullable<typeof started>;
const sources: Source[] = [];

const open = (change: object = {}, allowed: string[] = [], onProgress?: () => void): Source => {
  const connection = resolveConnection('warehouse', {
    type: 'google_sheets',
    credentials: server.accountKey(READER),
    readsPerMinute: 100_000,
    apiEndpoint: server.url,
    driveEndpoint: server.url,
    tokenUrl: `${server.url}/token`,
    ...change,
  });
  const context = {
    signal: new AbortController().signal,
    allowedEndpoints: [server.url, ...allowed],
    onProgress,
  };
  const source = openGoogleSheets('warehouse', connection, context);
  sources.push(source);
  return source;
};

let made = 0;
function add(tabs: StandinTab[], change: Partial<StandinSpreadsheet> = {}): StandinSpreadsheet {
  const id = `sheet-${(made += 1)}`;
  const sheet = { id, timeZone: 'Etc/GMT', tabs, viewers: [READER], editors: [], version: 1, ...change };
  server.spreadsheets.set(id, sheet);
  return sheet;
}

const modelOf = ({ id }: StandinSpreadsheet, rest: object = {}) => ({
  name: 'users',
  spreadsheet: id,
  ...rest,
});
const typed = (rows: string[][]): (StandinCell | undefined)[][] =>
  rows.map((row) => row.map((cell) => (cell === '' ? undefined : typedCell(cell))));

interface Table {
  kinds: string[];
  rows: (string | null)[][];
}

async function tableOf(sheet: StandinSpreadsheet, rest: object = {}, source = open()): Promise<Table> {
  const model = modelOf(sheet, rest);
  const columns = await source.describe(model);
  const names = columns.map(({ name }) => name);
  const { pieces } = await source.read(model, names, {
    maxValueBytes: MAX_VALUE_BYTES,
    id: 'test',
    from: null,
  });
  const lines = (await readPieces(pieces)).split('\n').slice(0, -1);
  return {
    kinds: columns.map(({ kind, name, sourceType }) => `${name} ${kind} (${sourceType})`),
    rows: lines.map((line) =>
      line.split('\t').map((value) => (value === SPOOL_NULL ? null : unescapeSpool(value))),
    ),
  };
}

/** Rows of two columns, more than one window holds: the second is made of `word`. */
const longTab = (word: () => string, rows = 60_000): StandinTab => ({
  id: 0,
  title: 'Long',
  rows,
  columns: 2,
  cell: (row, column) =>
    row === 1 ? text(column === 1 ? 'id' : 'word') : column === 1 ? { value: row } : text(word()),
});

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
});
afterAll(() => started?.close());

suite('google_sheets: kinds of columns', () => {
  it('follow from all values of a column, and lose nothing where they differ', async () => {
    const { kinds, rows } = await tableOf(
      add([
        tabOf(
          0,
          'Users',
          typed([
            ['whole', 'number', 'day', 'moment', 'both', 'code', 'anything'],
            ['1', '1', '2024-02-29', '2024-02-29 10:00:00', '2024-02-29', "'007", '12.5'],
            ['-2', '2.5', '2024-03-01', '2024-02-29 10:00:00.5', '2024-02-29 10:00:00', '7', 'TRUE'],
            ['3', '3', '', '', '', '', '2024-02-29'],
            ['4', '4', '', '', '', '', '2024-02-29 10:00:00'],
            ['5', '5', '', '', '', '', '10:00:00'],
            ['6', '6', '', '', '', '', 'as it is'],
          ]),
        ),
      ]),
    );
    expect(kinds).toEqual([
      'whole integer (number)',
      'number float (number)',
      'day date (date)',
      'moment timestamp (date-time)',
      'both timestamp (date-time)',
      'code text (mixed: number, text)',
      'anything text (mixed: boolean, date, date-time, number, text, time)',
    ]);
    expect(rows[0]).toEqual([
      '1',
      '1',
      '2024-02-29',
      '2024-02-29 10:00:00',
      '2024-02-29 00:00:00',
      '007',
      '12.5',
    ]);
    expect(rows[1]?.slice(3)).toEqual(['2024-02-29 10:00:00.5', '2024-02-29 10:00:00', '7', 'true']);
    expect(rows.slice(2).map((row) => row[6])).toEqual([
      '2024-02-29',
      '2024-02-29T10:00:00Z',
      '10:00:00',
      'as it is',
    ]);
  });

  it('a date that hides a time of day is a date-time, and a clock that hides a date too', async () => {
    const noon = serialOf(Date.UTC(2024, 1, 29, 12));
    const { kinds, rows } = await tableOf(
      add([
        tabOf(0, 'T', [
          [text('a'), text('b'), text('c')],
          [
            { value: noon, format: { type: 'DATE' } },
            { value: noon, format: { type: 'TIME', pattern: 'h:mm' } },
            { value: 2.5, format: { type: 'TIME', pattern: '[h]:mm' } },
          ],
        ]),
      ]),
    );
    expect(kinds).toEqual(['a timestamp (date-time)', 'b timestamp (date-time)', 'c text (time)']);
    expect(rows).toEqual([['2024-02-29 12:00:00', '2024-02-29 12:00:00', '60:00:00']]);
  });

  it('a time out of range makes its row invalid', async () => {
    const cell = { value: 2_958_466, format: { type: 'DATE_TIME' } };
    const { rows } = await tableOf(add([tabOf(0, 'T', [[text('at')], [cell]])]));
    const write = valueWriter({ name: 'at', kind: 'timestamp', sourceType: 'date-time' });
    expect(write(rows[0]?.[0] ?? '')).toEqual({ invalid: 'timestamp_out_of_range' });
  });
});

suite('google_sheets: rows and columns', () => {
  it('empty cells and empty texts are null, and rows that hold nothing are left out', async () => {
    const { rows } = await tableOf(
      add([
        tabOf(
          0,
          'T',
          typed([
            ['a', 'b'],
            ['x', ''],
            ['', ''],
            ['=""', '=""'],
            ['=""', 'y'],
            ['', 'null'],
          ]),
        ),
      ]),
    );
    expect(rows).toEqual([
      ['x', null],
      [null, 'y'],
      [null, 'null'],
    ]);
  });

  it('names lose the blanks around them, and columns that are empty altogether are no columns', async () => {
    const { kinds } = await tableOf(
      add([
        tabOf(
          0,
          'T',
          typed([
            [' a ', '', '2024'],
            ['1', '', '2'],
          ]),
        ),
      ]),
    );
    expect(kinds).toEqual(['a integer (number)', '2024 integer (number)']);
  });

  it('a range, a named range and a tab with a quote in its name', async () => {
    const cells = typed([
      ['a', 'b', 'c'],
      ['1', '2', '3'],
      ['4', '5', '6'],
      ['7', '8', '9'],
    ]);
    const sheet = add([tabOf(0, 'First', []), tabOf(5, "It's", cells)], {
      namedRanges: [{ name: 'people', tab: 5, top: 1, left: 2, bottom: 2, right: 3 }],
    });
    expect((await tableOf(sheet, { sheet: "It's", range: 'A1:B2' })).rows).toEqual([['1', '2']]);
    expect((await tableOf(sheet, { range: "'It''s'!B3:C" })).kinds).toEqual([
      '5 integer (number)',
      '6 integer (number)',
    ]);
    expect((await tableOf(sheet, { range: 'people' })).rows).toEqual([['2', '3']]);
    expect((await tableOf(sheet, { range: "It's" })).rows).toHaveLength(3);
  });

  it('a formula that failed stops only who asks for its column', async () => {
    const sheet = add([
      tabOf(0, 'T', [
        [text('id'), text('rate')],
        [{ value: 1 }, { value: { error: 'N_A' } }],
      ]),
    ]);
    const source = open();
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
    const { pieces } = await source.read(modelOf(sheet), ['id'], options);
    expect(await readPieces(pieces)).toBe('1\n');
    await expect(source.read(modelOf(sheet), ['rate'], options)).rejects.toMatchObject({
      code: 'source_value_unsupported',
      where: 'model users, T!B2: the formula ends in an error, N_A',
    });
    await expect(source.preview(modelOf(sheet), 5)).rejects.toMatchObject({
      code: 'source_value_unsupported',
    });
  });

  it('a function that is still loading is waited for', async () => {
    const sheet = add([tabOf(0, 'T', [[text('a')], [{ value: { error: 'LOADING' } }]])]);
    await expect(open().preview(modelOf(sheet), 5)).rejects.toMatchObject({
      code: 'source_partial_result',
      entry: { retryable: true },
    });
  });
});

suite('google_sheets: a spreadsheet that cannot be changed', () => {
  it('is asked for by GET alone, with tokens that may only read', async () => {
    const sheet = add([tabOf(0, 'Users', [[text('id')], [text('1')]])]);
    const source = open();
    await source.validate(modelOf(sheet));
    await source.preview(modelOf(sheet), 1);
    await tableOf(sheet, {}, source);
    expect(server.seen()).toEqual({
      methods: ['GET'],
      scopes: [
        'https://www.googleapis.com/auth/drive.metadata.readonly',
        'https://www.googleapis.com/auth/spreadsheets.readonly',
      ],
    });
  });
});

suite('google_sheets: one moment', () => {
  it('a small tab takes two calls, for describe and read together', async () => {
    const sheet = add([tabOf(0, 'T', typed([['a'], ['1']]))]);
    await tableOf(sheet);
    expect(server.served().filter((call) => call.startsWith(`${sheet.id} `))).toHaveLength(2);
  });

  it('what changes in mid-read is read again', async () => {
    let word = 'old';
    const sheet = add([longTab(() => word)]);
    sheet.onRead = () => {
      if (word === 'new') return;
      word = 'new';
      sheet.version += 1;
    };
    const { rows } = await tableOf(sheet);
    expect(rows).toHaveLength(59_999);
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(['new']));
  });

  it('rows that are inserted in mid-read are noticed by the size of the tab', async () => {
    const tab = longTab(() => 'word');
    const sheet = add([tab]);
    sheet.onRead = () => {
      delete sheet.onRead;
      tab.rows += 1;
      sheet.version += 1;
    };
    expect((await tableOf(sheet)).rows).toHaveLength(60_000);
  });

  it('a tab that never keeps still ends with source_changed, which is tried again', async () => {
    let count = 0;
    const sheet = add([longTab(() => `word ${count}`)]);
    sheet.onRead = () => {
      count += 1;
      sheet.version += 1;
    };
    await expect(open().describe(modelOf(sheet))).rejects.toMatchObject({
      code: 'source_changed',
      entry: { retryable: true },
    });
  });

  it('without Drive a long tab is read until two passes are the same', async () => {
    server.wrong.disabled.add('drive.googleapis.com');
    try {
      let word = 'old';
      const sheet = add([longTab(() => word)]);
      sheet.onRead = () => {
        if (word === 'new') return;
        word = 'new';
        // The stand-in keeps answers by version.
        sheet.version += 1;
      };
      const source = open();
      const { rows } = await tableOf(sheet, {}, source);
      expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(['new']));
      const { warnings } = await source.validate(modelOf(sheet));
      expect(warnings.join()).toMatch(/read twice; enable drive\.googleapis\.com/);
    } finally {
      server.wrong.disabled.clear();
    }
  });
});

suite('google_sheets: what goes wrong on the way', () => {
  const sheet = () => add([longTab(() => 'word', 40_000)]);

  it('a long tab tells that it comes on before it gives its first row', async () => {
    let told = 0;
    const source = open({}, [], () => (told += 1));
    await source.describe(modelOf(sheet()));
    expect(told).toBeGreaterThan(1);
  });

  it('a wait that Google asks for has an end', async () => {
    Object.assign(server.wrong, { quotaAnswers: 1, retryAfter: 86_400 });
    try {
      await expect(open().validate(null)).rejects.toMatchObject({
        code: 'source_quota',
        entry: { retryable: true },
      });
    } finally {
      Object.assign(server.wrong, { quotaAnswers: 0, retryAfter: null });
    }
  });

  it('a token that never comes is not waited for without an end', async () => {
    const silent = createSilentServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/token`);
    try {
      const client = await credentialsOf('warehouse', server.accountKey(READER), url, 50).connect();
      const failure = await client.getAccessToken().catch((error: unknown) => failureOf(error));
      expect(failure).toMatchObject({ status: null });
      expect(isTransient(failure as Failure)).toBe(true);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('a certificate of tomorrow is a clock that is wrong', () => {
    const failure = { ...failureOf(null), reason: 'CERT_NOT_YET_VALID' };
    const asked = { connection: 'warehouse', spreadsheet: null, email: null };
    expect(googleError(failure, asked, null).code).toBe('source_clock_skew');
  });

  it('a quota that is used up is waited for', async () => {
    server.wrong.quotaAnswers = 2;
    expect((await tableOf(sheet())).rows).toHaveLength(39_999);
  });

  it('an answer of 503 and one that breaks off are asked for again', async () => {
    server.wrong.unavailableAnswers = 1;
    server.wrong.brokenAnswers = 1;
    expect((await tableOf(sheet())).rows).toHaveLength(39_999);
  });

  it('a service that stays away is unreachable, which is tried again', async () => {
    server.wrong.unavailableAnswers = 1000;
    try {
      await expect(open().validate(null)).rejects.toMatchObject({
        code: 'source_unreachable',
        entry: { retryable: true },
      });
    } finally {
      server.wrong.unavailableAnswers = 0;
    }
  });

  it('a token that runs out in mid-read is fetched anew', async () => {
    const long = sheet();
    let reads = 0;
    long.onRead = () => {
      if ((reads += 1) === 1) server.revokeTokens();
    };
    expect((await tableOf(long)).rows).toHaveLength(39_999);
    expect(reads).toBeGreaterThan(1);
  });

  it('a certificate that nobody vouches for is source_tls', async () => {
    const fixture = (file: string): Buffer =>
      readFileSync(new URL(`../../test/fixtures/tls/${file}`, import.meta.url));
    const secure = createServer({ key: fixture('server.key'), cert: fixture('server.pem') });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const apiEndpoint = `https://localhost:${(secure.address() as AddressInfo).port}`;
    try {
      await expect(open({ apiEndpoint }, [apiEndpoint]).validate(null)).rejects.toMatchObject({
        code: 'source_tls',
      });
    } finally {
      secure.close();
    }
  });

  it('an account that could edit is warned of', async () => {
    const own = add([tabOf(0, 'T', typed([['a'], ['1']]))], { viewers: [], editors: [READER] });
    const { warnings } = await open().validate(modelOf(own));
    expect(warnings).toEqual([
      `connection warehouse: ${READER} is an editor of the spreadsheet and could write; share it as a viewer`,
    ]);
  });
});
