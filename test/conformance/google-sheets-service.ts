import {
  tabOf,
  text,
  type StandinCell,
  type StandinSpreadsheet,
  type StandinTab,
} from '../standins/google-sheets/documents.ts';
import { startSheetsServer } from '../standins/google-sheets/sheets-server.ts';
import { serialOf, typedCell } from '../standins/google-sheets/typed-cell.ts';
import {
  ROWS,
  STANDARD_COLUMNS,
  STANDARD_KINDS,
  type StandardColumn,
  type StandardRow,
  canonicalText,
  standardRow,
} from './standard-rows.ts';
import type { Service } from './subject.ts';

const READER = 'reader@standin.iam.gserviceaccount.com';
const STRANGER = 'stranger@standin.iam.gserviceaccount.com';
const KINDS: Service['kinds'] = { ...STANDARD_KINDS, score: 'float' };
const HEADER = STANDARD_COLUMNS.map(text);
/** An area that nobody has filled: a whole window of it, in the middle of the rows. */
const GAP_AFTER = 40_000;
const GAP_ROWS = 25_000;

/** A server of ours that speaks as Google's do. */
export async function startGoogleSheets(): Promise<Service> {
  const server = await startSheetsServer([READER, STRANGER]);
  const add = (id: string, tabs: StandinTab[], change: Partial<StandinSpreadsheet> = {}): void => {
    const empty = { id, timeZone: 'Etc/GMT', tabs, viewers: [READER], editors: [], version: 1 };
    server.spreadsheets.set(id, { ...empty, ...change });
  };
  add('standard', [
    standardTab(),
    tabOf(1, "It's empty", [HEADER]),
    tabOf(2, 'Twice', [[text('id'), text('id')]]),
    tabOf(3, 'Failed', [
      [text('id'), text('rate')],
      [{ value: 1 }, { value: { error: 'DIVIDE_BY_ZERO' } }],
    ]),
    tabOf(4, 'Unnamed', [[text('id')], [{ value: 1 }, undefined, { value: 2 }]]),
    tabOf(5, 'Headless', []),
  ]);
  add('slow', [tabOf(0, 'Slow', [HEADER])], { delayMs: 60_000 });
  add('private', [tabOf(0, 'Private', [HEADER])], { viewers: [] });
  add('workbook', [], { isForeign: true });
  const model = (spreadsheet: string, sheet?: string, range?: string) => ({
    name: 'users',
    spreadsheet,
    ...(sheet === undefined ? {} : { sheet }),
    ...(range === undefined ? {} : { range }),
  });
  const credentials = server.accountKey(READER);
  const wrongly = (change: Partial<typeof server.wrong>) => async () => {
    const before = { ...server.wrong };
    Object.assign(server.wrong, change);
    return async () => void Object.assign(server.wrong, before);
  };
  let values = 0;
  return {
    connection: {
      type: 'google_sheets',
      credentials,
      readsPerMinute: 100_000,
      apiEndpoint: server.url,
      driveEndpoint: server.url,
      tokenUrl: `${server.url}/token`,
    },
    allowedEndpoints: [server.url, 'http://nowhere.invalid', 'http://127.0.0.1:1'],
    kinds: KINDS,
    // A sheet shows no difference between an empty text and an empty cell.
    textOf: (column, row) => (row[column] === '' ? null : canonicalText(column, row, KINDS[column])),
    models: {
      rows: model('https://docs.google.com/spreadsheets/d/standard/edit#gid=0'),
      one: model('standard', 'Users', 'A1:I2'),
      empty: model('standard', "It's empty"),
      twice: model('standard', 'Twice'),
    },
    repeated: async (times) => {
      add(`standard-${times}`, [standardTab(times * ROWS)]);
      return model(`standard-${times}`);
    },
    paths: {},
    hostile: null,
    faults: [
      {
        name: 'tab',
        model: model('standard', 'Nowhere'),
        code: 'source_table_missing',
        says: /tab "Nowhere"/,
      },
      { name: 'behind the grid', model: model('standard', 'Users', 'Z1:AA9'), code: 'source_table_missing' },
      { name: 'range', model: model('standard', 'Users', 'A1:'), code: 'source_syntax', says: /range "A1:"/ },
      { name: 'spreadsheet', model: model('nowhere'), code: 'source_database_missing', says: /nowhere/ },
      { name: 'no id', model: model('https://example.com/a'), code: 'source_database_missing' },
      { name: 'not shared', model: model('private'), code: 'source_permission', says: new RegExp(READER) },
      {
        name: 'workbook',
        model: model('workbook'),
        code: 'source_query_failed',
        says: /FAILED_PRECONDITION/,
      },
      { name: 'no header', model: model('standard', 'Headless'), code: 'source_column_unnamed' },
      {
        name: 'unnamed',
        model: model('standard', 'Unnamed'),
        code: 'source_column_unnamed',
        says: /column C/,
      },
      {
        name: 'a formula that failed',
        model: model('standard', 'Failed'),
        code: 'source_value_unsupported',
        says: /Failed!B2/,
      },
      {
        name: 'the key of another',
        connection: { credentials: withKeyOf(credentials, server.accountKey(STRANGER)) },
        code: 'source_credentials',
      },
      { name: 'no key', connection: { credentials: 'no JSON' }, code: 'source_credentials' },
      {
        name: 'addresses as credentials',
        connection: { credentials: '{"type": "external_account", "token_url": "http://127.0.0.1"}' },
        code: 'source_credentials',
      },
      {
        name: 'switched off',
        code: 'source_permission',
        says: /sheets\.googleapis\.com is not enabled in project 1234/,
        provoke: wrongly({ disabled: new Set(['sheets.googleapis.com']) }),
      },
      { name: 'clock', code: 'source_clock_skew', provoke: wrongly({ clockAheadMs: 86_400_000 }) },
      { name: 'quota', code: 'source_quota', provoke: wrongly({ quotaAnswers: 100, retryAfter: 0 }) },
      { name: 'host', connection: { apiEndpoint: 'http://nowhere.invalid' }, code: 'source_host_unknown' },
      { name: 'port', connection: { apiEndpoint: 'http://127.0.0.1:1' }, code: 'source_unreachable' },
      {
        name: 'another address',
        connection: { tokenUrl: 'https://googleapis.com.example.net/token' },
        code: 'source_endpoint_refused',
      },
    ],
    writes: [],
    writer: null,
    slow: model('slow'),
    running: async () => server.running(),
    resumable: false,
    expireResults: null,
    breakConnections: async () => {
      server.wrong.brokenAnswers = 1;
    },
    valueOf: async (expression) => {
      const id = `value-${(values += 1)}`;
      add(id, [tabOf(0, 'Value', [[text('value')], [typedCell(expression)]])], { timeZone: 'Europe/Berlin' });
      return model(id);
    },
    close: () => server.close(),
  };
}

function standardTab(count = ROWS): StandinTab {
  const width = STANDARD_COLUMNS.length;
  let last = { id: 0, cells: [] as (StandinCell | undefined)[] };
  return {
    id: 0,
    title: 'Users',
    rows: 1 + count + GAP_ROWS + 7,
    columns: width,
    cell(row, column) {
      if (row === 1) return HEADER[column - 1];
      const id = row - 1 > GAP_AFTER ? row - 1 - GAP_ROWS : row - 1;
      if (id > count || (row - 1 > GAP_AFTER && id <= GAP_AFTER)) return undefined;
      if (last.id !== id) {
        const standard = standardRow(id);
        last = { id, cells: STANDARD_COLUMNS.map((name) => cellOf(name, standard)) };
      }
      return last.cells[column - 1];
    },
  };
}

function cellOf(column: StandardColumn, row: StandardRow): StandinCell | undefined {
  const value = row[column];
  switch (column) {
    case 'score':
      return { value: Number(row.score), format: { type: 'NUMBER', pattern: '0.00' } };
    case 'born':
      return { value: serialOf(Date.parse(row.born)), format: { type: 'DATE' } };
    case 'seen_at': {
      const micros = Number(row.seen_at.slice(-6));
      const days = serialOf(Date.parse(`${row.seen_at.slice(0, 10)}T00:00:00Z`));
      const seconds = Date.parse(`1970-01-01T${row.seen_at.slice(11, 19)}Z`) / 1000;
      return {
        value: days + (seconds * 1_000_000 + micros) / 86_400_000_000,
        format: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss' },
      };
    }
    default:
      return value === null || value === '' ? undefined : { value };
  }
}

const withKeyOf = (key: string, other: string): string => {
  const { private_key } = JSON.parse(other) as { private_key: string };
  return JSON.stringify({ ...(JSON.parse(key) as object), private_key });
};
