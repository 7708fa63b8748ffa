import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { formatFault } from './fault.ts';
import { parseDefinitions, type DefinitionFile } from './parse.ts';

const file = (text: string, path = 'backhaul.yaml'): DefinitionFile => ({ path, text });
const faultsOf = (...files: DefinitionFile[]): string[] => parseDefinitions(files).faults.map(formatFault);

const connections = [
  'connections:',
  '  warehouse: { type: postgres, url: "${WAREHOUSE_URL}" }',
  '  segment: { type: segment, writeKey: "${SEGMENT_WRITE_KEY}" }',
  '',
].join('\n');
const model = 'models:\n  people: { connection: warehouse, sql: select 1 as id }\n';
const base = connections + model;
const sync = (fields: string): string =>
  `${base}syncs:\n  users:\n    model: people\n    destination: segment\n    key: { from: id, to: userId }\n    properties: all\n${fields}`;

describe('a sound document', () => {
  it('gets every default', () => {
    const { definitions, faults, warnings } = parseDefinitions([file(sync(''))]);
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(definitions).toEqual({
      connections: {
        warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}', statementTimeout: '1h' },
        segment: { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', region: 'us', eventsPerSecond: 1000 },
      },
      models: { people: { connection: 'warehouse', sql: 'select 1 as id' } },
      syncs: {
        users: {
          model: 'people',
          destination: 'segment',
          key: { from: 'id', to: 'userId' },
          object: 'user',
          behavior: 'update_or_create',
          properties: 'all',
          normalization: 'match_source_names',
          mapping: [],
          nulls: 'send',
          paused: false,
          lanes: 4,
          limits: { runtime: '12h', noProgress: '15m', invalid: '100%', rejected: 0, emptyResult: 'fail' },
        },
      },
      alerts: {},
    });
  });

  it('may say all that this version does', () => {
    const text = sync(
      [
        '    normalization: snake_case',
        '    mapping:',
        '      - { from: logins_30d, to: loginsLast30Days, nulls: omit }',
        '      - { constant: backhaul, to: source }',
        '      - { constant: null, to: gone }',
        '      - { from: age, to: profile.age, type: integer, onError: omit }',
        '      - { hash: { from: email }, to: email_sha256 }',
        '      - { run: startedAt, to: synced_at }',
        '      - { template: "{{ first }} {{ last | upcase }}", to: name }',
        '    exclude: [internal_note]',
        '    timestamp: { from: updated_at }',
        '    context: [{ from: last_ip, to: ip }]',
        '    integrations: { All: true, Salesforce: true }',
        '    nulls: omit',
        '    paused: false',
        '    lanes: 8',
        '    limits: { runtime: 1h, invalid: "5%", rejected: 3, emptyResult: allow }',
        '    approvalAbove: { changed: 20%, removed: 500 }',
        '    approvalExpires: 7d',
        '',
      ].join('\n'),
    );
    const { definitions, faults } = parseDefinitions([file(`version: 1\n${text}`)]);
    expect(faults).toEqual([]);
    expect(definitions.syncs.users).toMatchObject({
      mapping: [
        { from: 'logins_30d', to: 'loginsLast30Days', nulls: 'omit' },
        { constant: 'backhaul', to: 'source' },
        { constant: null, to: 'gone' },
        { from: 'age', to: 'profile.age', type: 'integer', onError: 'omit' },
        { hash: { from: 'email' }, to: 'email_sha256' },
        { run: 'startedAt', to: 'synced_at' },
        { template: '{{ first }} {{ last | upcase }}', to: 'name' },
      ],
      exclude: ['internal_note'],
      timestamp: { from: 'updated_at' },
      context: [{ from: 'last_ip', to: 'ip' }],
      integrations: { All: true, Salesforce: true },
      limits: { runtime: '1h', noProgress: '15m', invalid: '5%', rejected: 3, emptyResult: 'allow' },
      approvalAbove: { changed: '20%', removed: 500 },
      approvalExpires: '7d',
    });
  });

  it('may be spread over files, in any order', () => {
    const [models, links] = [file(model, 'b.yaml'), file(connections, 'a.yaml')];
    expect(parseDefinitions([models, links]).faults).toEqual([]);
  });

  it('may use anchors, aliases and merge keys, and faults still name their place', () => {
    const text = sync(
      [
        '    limits: &limits { runtime: 1h }',
        '  more:',
        '    <<: { model: people, destination: segment }',
        '    key: { from: id, to: userId }',
        '    properties: all',
        '    limits: *limits',
        '    lanes: 1000',
        '',
      ].join('\n'),
    );
    expect(faultsOf(file(text))).toEqual([
      'backhaul.yaml:18:12: "lanes" is out of range. Write a whole number from 1 to 64, such as 4.',
    ]);
  });

  it('has its sqlFile read, seen from the folder of the file that names it', () => {
    const text = `${connections}models:\n  people: { connection: warehouse, sqlFile: sql/people.sql }\n`;
    const read: string[] = [];
    const { definitions } = parseDefinitions([{ ...file(text, 'defs/a.yaml') }], (path) => {
      read.push(path);
      return 'select 2 as id\n';
    });
    expect(read).toEqual(['defs/sql/people.sql']);
    expect(definitions.models.people).toEqual({ connection: 'warehouse', sql: 'select 2 as id\n' });
  });
});

describe('a fault stands at its place and says what to write', () => {
  const table: [name: string, text: string, expected: string[]][] = [
    [
      'malformed YAML',
      'connections:\n  warehouse: { type: postgres\nmodels: {}\n',
      [
        'backhaul.yaml:3:1: the indentation does not fit. Indent the fields of one object by the same number of spaces, and close every bracket and quote.',
      ],
    ],
    [
      'a tab',
      'models:\n\tpeople: 1\n',
      ['backhaul.yaml:2:1: a tab is used for indentation. YAML takes spaces only: put spaces in its place.'],
    ],
    [
      'a name twice in one object',
      `${base}  people: { connection: warehouse, table: t }\n`,
      ['backhaul.yaml:6:3: this name occurs twice in the same object. Remove one, or give it another name.'],
    ],
    [
      'no object at all',
      '- a\n',
      ['backhaul.yaml:1:1: a definition file is an object with fields, not a list. Begin with version: 1.'],
    ],
    [
      'an unknown section',
      'modles: {}\n',
      ['backhaul.yaml:1:1: "modles" is not a section of a definition file. Did you mean "models"?'],
    ],
    [
      'another version',
      'version: 2\n',
      ['backhaul.yaml:1:10: "version" is not one that this program reads. Write version: 1.'],
    ],
    [
      'an unknown field',
      sync('    normalisation: snake_case\n'),
      [
        'backhaul.yaml:12:5: "normalisation" is not a field of the sync "users". Did you mean "normalization"?',
      ],
    ],
    [
      'a sync that names a missing model',
      `${base}syncs:\n  users: { model: peple, destination: segment, key: { from: id, to: userId } }\n`,
      [
        'backhaul.yaml:7:19: the sync "users" names a model that does not exist: "peple". Did you mean "people"?',
      ],
    ],
    [
      'a destination that is a warehouse',
      `${base}syncs:\n  users: { model: people, destination: warehouse, key: { from: id, to: userId } }\n`,
      [
        'backhaul.yaml:7:40: the sync "users" has a destination that is no segment connection: "warehouse". Use one of segment.',
      ],
    ],
    [
      'a model over Segment',
      `${connections}models:\n  people: { connection: segment, table: t }\n`,
      [
        'backhaul.yaml:5:25: the model "people" has a connection that is no warehouse: "segment". Use one of warehouse.',
      ],
    ],
    [
      'a model that reads nothing',
      `${connections}models:\n  people: { connection: warehouse }\n`,
      [
        'backhaul.yaml:5:3: the model "people" does not say what it reads. Add one of sql, sqlFile, table, index, spreadsheet.',
      ],
    ],
    [
      'a model that reads two things',
      `${connections}models:\n  people: { connection: warehouse, sql: select 1, table: t }\n`,
      [
        'backhaul.yaml:5:51: "table" is given beside "sql". Write one of sql, sqlFile, table, index, spreadsheet.',
      ],
    ],
    [
      'a missing file of SQL',
      `${connections}models:\n  people: { connection: warehouse, sqlFile: nowhere/to/be/found.sql }\n`,
      [
        'backhaul.yaml:5:45: the file "nowhere/to/be/found.sql" cannot be read (ENOENT). Name a file, seen from the folder of this one.',
      ],
    ],
    [
      'a field that is missing',
      `${base}syncs:\n  users: { model: people, destination: segment }\n`,
      ['backhaul.yaml:7:3: "key" is missing in the sync "users". Add key: { from: user_id, to: userId }.'],
    ],
    [
      'a field that is empty',
      `${base}syncs:\n  users:\n    model:\n    destination: segment\n    key: { from: id, to: userId }\n`,
      ['backhaul.yaml:8:5: "model" is empty. Write the name of a model.'],
    ],
    [
      'a wrong type',
      sync('    paused: "yes"\n'),
      ['backhaul.yaml:12:13: "paused" is text, not true or false. Write true or false.'],
    ],
    [
      'a value that is not among those that are known',
      sync('    normalization: snakecase\n'),
      [
        'backhaul.yaml:12:20: "normalization" has a value that is not known: "snakecase". Write one of match_source_names, start_case, lower_case, upper_case, camel_case, snake_case. Did you mean "snake_case"?',
      ],
    ],
    [
      'a number where YAML should have had quotes',
      `${connections.replace('url: "${WAREHOUSE_URL}"', 'host: h, database: d, user: u, password: 0123')}`,
      [
        'backhaul.yaml:2:73: "password" is a number, not text. Write ${WAREHOUSE_PASSWORD}. Put it in quotes if it is meant as text.',
      ],
    ],
    [
      'a bad duration',
      sync('    limits:\n      noProgress: 5 minutes\n'),
      [
        'backhaul.yaml:13:19: "noProgress" is not a duration that Backhaul takes: "5 minutes". Write a whole number above 0 with ms, s, m, h or d, at most 3650d, such as 15m.',
      ],
    ],
    [
      'a bad share',
      sync('    limits: { invalid: "101%" }\n'),
      [
        'backhaul.yaml:12:24: "invalid" is not a share: "101%". Write a count such as 100, or a share such as "5%".',
      ],
    ],
    [
      'an approval of more than all',
      sync('    approvalAbove: { changed: "101%" }\n'),
      [
        'backhaul.yaml:12:31: "changed" is not a share: "101%". Write a count such as 100, or a share such as "5%".',
      ],
    ],
    [
      'a cron that is none',
      sync('    schedule:\n      cron: "0 25 * * *"\n'),
      [
        'backhaul.yaml:13:13: "cron" is not a cron expression: "0 25 * * *". Write five fields (minute, hour, day, month, weekday) of numbers, *, lists, ranges and steps, such as "0 * * * *" for every hour.',
      ],
    ],
    ...[
      ['the first Monday', '0 0 * * 1#1', 'has "#" as its weekday, which schedules do not know'],
      ['the last day', '0 0 L * *', 'has "L" as its day, which schedules do not know'],
      ['any day by a question mark', '0 0 ? * 1', 'has "?" as its day, which schedules do not know'],
      ['a minute by hash', 'H H * * *', 'has "H" as its minute, which schedules do not know'],
      ['the nearest weekday', '0 0 15W * *', 'has "W" as its day, which schedules do not know'],
      ['seconds', '0 0 0 * * *', 'is not a cron expression'],
      ['a name', '@daily', 'is not a cron expression'],
      ['a name that is no month', '0 0 1 foo *', 'is not a cron expression in its month'],
      ['a range that wraps', '0 0 * * fri-mon', 'is not a cron expression'],
      ['a day that never comes', '0 0 31 2 *', 'is not a cron expression'],
      [
        'a step of days beside a weekday',
        '0 0 */2 * 1',
        'gives a day and a weekday, one of them from "*", which some read as both and some as either (write "1-31/2" for "*/2")',
      ],
    ].map(([name, cron, fault]): [string, string, string[]] => [
      `a cron with ${name}`,
      sync(`    schedule:\n      cron: "${cron}"\n`),
      [
        `backhaul.yaml:13:13: "cron" ${fault}: "${cron}". Write five fields (minute, hour, day, month, weekday) of numbers, *, lists, ranges and steps, such as "0 * * * *" for every hour.`,
      ],
    ]),
    ...[
      ['europe/berlin', 'has to be "Europe/Berlin", with these capitals'],
      ['utc', 'has to be "UTC", with these capitals'],
      ['asia/calcutta', 'has to be "Asia/Calcutta", with these capitals'],
      ['IST', 'is not a time zone'],
    ].map(([zone, fault]): [string, string, string[]] => [
      `the time zone ${zone}`,
      sync(`    schedule: { cron: "0 * * * *", timezone: ${zone} }\n`),
      [
        `backhaul.yaml:12:46: "timezone" ${fault}: "${zone}". Write a name of the time zone database, such as UTC or Europe/Berlin.`,
      ],
    ]),
    [
      'a time zone that is none',
      sync('    schedule: { cron: "0 * * * *", timezone: Europe/Bärlin }\n'),
      [
        'backhaul.yaml:12:46: "timezone" is not a time zone: "Europe/Bärlin". Write a name of the time zone database, such as UTC or Europe/Berlin.',
      ],
    ],
    [
      'two mappings to one trait',
      sync('    mapping:\n      - { from: a, to: x }\n      - { constant: 1, to: x }\n'),
      [
        'backhaul.yaml:14:28: the trait "x" is mapped twice; first by mapping[0]. Give one of them another name, or remove it.',
      ],
    ],
    [
      'a mapping of nothing',
      sync('    mapping:\n      - { to: x }\n'),
      [
        'backhaul.yaml:13:9: this mapping has none of "from", "constant", "template", "hash", "run". Write { from: column, to: trait } or { constant: value, to: trait }.',
      ],
    ],
    [
      'a trait inside of a value',
      sync('    mapping:\n      - { from: a, to: address }\n      - { from: b, to: address.city }\n'),
      [
        'backhaul.yaml:14:24: the trait "address.city" and "address" of mapping[0] cannot both be: one is inside of the other. Give one of them another name, or remove it. A dot that belongs to a name is written \\.',
      ],
    ],
    [
      'a path with a hole',
      sync('    mapping: [{ from: a, to: address..city }]\n'),
      [
        'backhaul.yaml:12:30: "to" has an empty name beside a dot: "address..city". Write the name of a trait.',
      ],
    ],
    [
      'two sources of one value, and options that mean nothing for them',
      sync(
        '    mapping:\n      - { from: a, hash: { from: a }, to: x }\n      - { constant: 1, type: string, to: y }\n      - { run: id, nulls: omit, to: z }\n',
      ),
      [
        'backhaul.yaml:13:20: "hash" is given beside "from". Write { from: column, to: trait } or { constant: value, to: trait }.',
        'backhaul.yaml:14:24: "type" means nothing beside "constant". Write the constant in the type that it has.',
        'backhaul.yaml:15:20: "nulls" means nothing beside "run". Leave it out.',
      ],
    ],
    [
      'a template that cannot be',
      sync('    mapping:\n      - { template: "{{ a | upcsae }}", to: x }\n'),
      [
        'backhaul.yaml:13:21: the template uses the filter "upcsae", which there is not, at line 1, column 1 of it. Did you mean "upcase"?',
      ],
    ],
    [
      'an exclusion of nothing',
      sync('    exclude: [a]\n').replace('properties: all', 'properties: selected'),
      [
        'backhaul.yaml:12:5: "exclude" is for properties: all only. Leave it out: only what "mapping" names is sent.',
      ],
    ],
    [
      'a context that says which program it was, and a path twice',
      sync(
        '    context:\n      - { from: a, to: app.name }\n      - { from: b, to: ip }\n      - { from: c, to: ip }\n',
      ),
      [
        'backhaul.yaml:13:24: "app" of the context says which program sends the message. Give it another name.',
        'backhaul.yaml:15:24: the trait "ip" is mapped twice; first by context[1]. Give one of them another name, or remove it.',
      ],
    ],
    [
      'integrations that are none',
      sync('    integrations: { all: true, Salesforce: yes please }\n'),
      [
        'backhaul.yaml:12:21: "all" is no integration. Write All.',
        'backhaul.yaml:12:44: "Salesforce" is text, not true or false. Write it as the documentation shows.',
      ],
    ],
    [
      'a type that is none',
      sync('    mapping: [{ from: a, to: x, type: int }]\n'),
      [
        'backhaul.yaml:12:39: "type" has a value that is not known: "int". Write one of string, number, integer, boolean, datetime.',
      ],
    ],
    [
      'a constant that JSON would change',
      sync('    mapping: [{ constant: 12345678901234567890, to: x }]\n'),
      [
        'backhaul.yaml:12:27: "constant" is a number that JSON would change. Write a text, a number up to 2^53, true, false or null; longer numbers in quotes.',
      ],
    ],
    [
      'a constant that would lose digits',
      sync('    mapping: [{ constant: +3.14159265358979323846, to: x }, { constant: 1.50, to: y }]\n'),
      [
        'backhaul.yaml:12:27: a number that would lose digits. Put it in quotes if it is meant as text, or write fewer digits.',
      ],
    ],
    [
      'a name that is not safe',
      `${connections}models:\n  ../people: { connection: warehouse, table: t }\n`,
      [
        'backhaul.yaml:5:3: "../people" cannot be the name of a model. Use letters, digits, "_", "-" and ".", at most 100 of them, beginning with a letter or a digit.',
      ],
    ],
    [
      'an empty write key',
      'connections:\n  segment:\n    type: segment\n    writeKey: ""\n',
      ['backhaul.yaml:4:15: "writeKey" is empty. Write ${SEGMENT_WRITE_KEY}.'],
    ],
    [
      'a reference to a variable of Backhaul',
      'connections:\n  w:\n    type: postgres\n    url: ${BACKHAUL_DATABASE_URL}\n',
      [
        'backhaul.yaml:4:10: ${BACKHAUL_DATABASE_URL} is a variable of Backhaul or Temporal itself, which no connection may read. Set a variable of another name and refer to that.',
      ],
    ],
    [
      'a reference that is none',
      'connections:\n  w:\n    type: postgres\n    url: ${WAREHOUSE_URL:-postgres://h/d}\n',
      [
        'backhaul.yaml:4:10: "url" holds ${ that begins no reference. Write ${VARIABLE} or ${file:/absolute/path}; a plain ${ is written $${.',
      ],
    ],
    [
      'a reference outside of a connection',
      `${connections}models:\n  people:\n    connection: warehouse\n    sql: select '\${SECRET}'\n`,
      [
        'backhaul.yaml:7:10: "sql" holds a ${…} reference, and only fields of connections may. Write the value itself.',
      ],
    ],
    [
      'a connection that says neither url nor host',
      'connections:\n  w: { type: postgres }\n',
      [
        'backhaul.yaml:2:3: "url" is missing in the postgres connection "w". Add url: ${WAREHOUSE_URL}, or host, database, user and password.',
      ],
    ],
    [
      'a connection that says both',
      'connections:\n  w: { type: postgres, url: "${U}", host: h }\n',
      [
        'backhaul.yaml:2:37: "host" is given beside "url". Write either url, or host, port, database, user and password.',
      ],
    ],
    [
      'an unknown type of connection',
      'connections:\n  w: { type: postgre }\n',
      ['backhaul.yaml:2:14: "type" is not a type of connection. Did you mean "postgres"?'],
    ],
    [
      'two documents in a file',
      'version: 1\n---\nversion: 1\n',
      [
        'backhaul.yaml:2:1: a file holds one document, and here a second one begins. Remove the line "---", or move what follows to a file of its own.',
      ],
    ],
    [
      'an alias without an anchor',
      'models: *nothing\n',
      [
        'backhaul.yaml:1:1: an alias (*name) has no anchor (&name) before it, stands inside its own anchor, or unfolds too often. Write the anchor first, or write the value out.',
      ],
    ],
  ];
  it.each(table)('%s', (_, text, expected) => {
    expect(faultsOf(file(text))).toEqual(expected);
  });

  it('a name in two files', () => {
    expect(faultsOf(file(base, 'a.yaml'), file(model, 'b.yaml'))).toEqual([
      'b.yaml:2:3: the model "people" is defined twice; first at a.yaml:5:3. Remove one, or give it another name.',
    ]);
  });
});

describe('a Segment connection', () => {
  it.each<[string, string, string[]]>([
    ['by write key', 'writeKey: "${K}"', []],
    ['by token', 'token: "${T}", source: users, publicApiUrl: "https://api.segmentapis.com"', []],
    ['by nothing', 'region: eu', ['"writeKey" is missing']],
    ['by a token without a source', 'token: "${T}"', ['"source" is missing']],
    [
      'by both',
      'writeKey: "${K}", token: "${T}", source: users',
      ['"token" is given beside', '"source" is given beside'],
    ],
    [
      'by a write key, with publicApiUrl',
      'writeKey: "${K}", publicApiUrl: "https://x.example"',
      ['"publicApiUrl" is given without "token"'],
    ],
    ['by a field that is misspelt', 'tokn: "${T}"', ['"tokn" is not a field']],
  ])('%s', (_, fields, messages) => {
    const { faults } = parseDefinitions([file(`connections:\n  s: { type: segment, ${fields} }\n`)]);
    expect(faults.map(({ message }) => message)).toEqual(
      messages.map((message) => expect.stringContaining(message)),
    );
  });
});

describe('every type of warehouse', () => {
  const written: [string, string][] = [
    ['redshift', 'url: "${U}"'],
    ['redshift', 'read: data_api, workgroup: w, database: d, region: eu-west-1'],
    [
      'bigquery',
      'projectId: p, credentials: "${file:/key.json}", maximumBytesBilled: "${MAX}", labels: { team: growth }',
    ],
    ['snowflake', 'account: a, user: u, warehouse: w, privateKey: "${file:/key.p8}"'],
    ['databricks', 'host: h, warehouse: w, clientId: c, clientSecret: "${S}"'],
    ['elasticsearch', 'url: "https://e:9200", apiKey: "${K}"'],
    ['google_sheets', 'credentials: "${file:/key.json}"'],
    ['mysql', 'url: "${U}"'],
    ['rockset', 'host: "https://r", apiKey: "${K}"'],
  ];
  it.each(written)('%s takes %s', (type, fields) => {
    const { definitions, faults } = parseDefinitions([
      file(`connections:\n  w: { type: ${type}, ${fields} }\n`),
    ]);
    expect(faults).toEqual([]);
    expect(definitions.connections.w).toMatchObject({ type });
  });

  it.each([
    [
      'two ways in',
      'snowflake, account: a, user: u, warehouse: w, privateKey: "${K}", password: "${P}"',
      'password',
    ],
    ['no way in', 'elasticsearch, url: "https://e:9200"', 'apiKey'],
    ['half a way in', 'databricks, host: h, warehouse: w, clientId: c', 'clientSecret'],
    ['a label that is none', 'bigquery, projectId: p, labels: { Team: x }', 'labels'],
    ['no host', 'rockset, apiKey: "${K}"', 'host'],
  ])('%s is a fault', (_, fields, field) => {
    const { faults } = parseDefinitions([file(`connections:\n  w: { type: ${fields} }\n`)]);
    expect(faults.map(({ path }) => path)).toEqual([expect.stringContaining(`connections.w.${field}`)]);
  });

  const models = (lines: string): string =>
    `connections:\n  es: { type: elasticsearch, url: "https://e", apiKey: "\${K}" }\n  gs: { type: google_sheets }\n  pg: { type: postgres, url: "\${U}" }\nmodels:\n${lines}`;

  it('models say what their warehouse reads', () => {
    const { definitions, faults } = parseDefinitions([
      file(
        models(
          '  a: { connection: es, index: users-*, query: { term: { plan: pro } }, fields: [id, email], key: id }\n  b: { connection: gs, spreadsheet: abc, range: "Users!A:F" }\n',
        ),
      ),
    ]);
    expect(faults).toEqual([]);
    expect(definitions.models).toEqual({
      a: {
        connection: 'es',
        index: 'users-*',
        query: { term: { plan: 'pro' } },
        fields: ['id', 'email'],
        key: 'id',
      },
      b: { connection: 'gs', spreadsheet: 'abc', range: 'Users!A:F' },
    });
  });

  it.each([
    [
      '  m: { connection: pg, index: i }\n',
      'the model "m" has "index", which connections of type postgres do not read. Use sql or sqlFile or table.',
    ],
    [
      '  m: { connection: gs, sql: select 1 }\n',
      'the model "m" has "sql", which connections of type google_sheets do not read. Use spreadsheet.',
    ],
    ['  m: { connection: gs, sheet: s }\n', '"spreadsheet" is missing in the model "m". Add spreadsheet.'],
    ['  m: { connection: pg, sql: select 1, key: id }\n', '"key" is given beside "sql". Remove it.'],
  ])('%j is a fault', (lines, said) => {
    expect(faultsOf(file(models(lines)))).toEqual([expect.stringContaining(said)]);
  });
});

describe('a connection that is in no file', () => {
  const said = (text: string): string[] => parseDefinitions([file(text)]).warnings.map(formatFault);

  it('is a warning: the installation may have it', () => {
    const text =
      'models:\n  people: { connection: warehouse, sql: select 1 }\nsyncs:\n' +
      '  users: { model: people, destination: segment, key: { from: id, to: userId }, properties: all }\n';
    expect(faultsOf(file(text))).toEqual([]);
    expect(said(text)).toEqual([
      'backhaul.yaml:2:25: the model "people" names a connection that is not in these files: "warehouse". Add it under connections, unless `backhaul connect` has stored it.',
      'backhaul.yaml:4:40: the sync "users" names a connection that is not in these files: "segment". Add it under connections, unless `backhaul connect` has stored it.',
    ]);
  });
});

describe('all faults at once', () => {
  it('over kinds and files, in the order of the files', () => {
    const first = file('connections:\n  segment: { type: segment, writekey: k, region: uss }\n', 'a.yaml');
    const second = file(
      'syncs:\n  users:\n    model: nobody\n    destination: segmnt\n    key: { from: id }\n    lanes: none\n',
      'b.yaml',
    );
    expect(faultsOf(first, second)).toEqual([
      'a.yaml:2:29: "writekey" is not a field of the segment connection "segment". Did you mean "writeKey"?',
      'a.yaml:2:50: "region" has a value that is not known. Write one of us, eu, or a ${VARIABLE}.',
      'b.yaml:3:12: the sync "users" names a model that does not exist: "nobody". Add it under models.',
      'b.yaml:4:18: the sync "users" names a connection that does not exist: "segmnt". Did you mean "segment"?',
      'b.yaml:5:5: "to" is missing in "key". Add to: one of userId, anonymousId, groupId, messageId.',
      'b.yaml:6:12: "lanes" is text, not a number. Write a whole number from 1 to 64, such as 4.',
    ]);
  });

  it('but a broken file does not accuse the others of naming what stands in it', () => {
    const broken = file(`${base}syncs: { "`, 'a.yaml');
    const sound = file(
      'syncs:\n  s: { model: behind, destination: segment, key: { from: a, to: userId } }\n',
      'b.yaml',
    );
    expect(new Set(parseDefinitions([broken, sound]).faults.map(({ file: path }) => path))).toEqual(
      new Set(['a.yaml']),
    );
  });

  it('also what stands before a fault of syntax', () => {
    const text = `models:\n  people: { connection: w, tabel: t }\nsyncs:\n  users: "\n`;
    expect(parseDefinitions([file(text)]).faults.map(({ line, path }) => `${line} ${path}`)).toContain(
      '2 models.people.tabel',
    );
  });

  it('and a model with faults is not reported as missing too', () => {
    const text = sync('').replace('sql: select 1 as id', 'sql: 5');
    expect(parseDefinitions([file(text)]).faults.map(({ path }) => path)).toEqual(['models.people.sql']);
  });
});

describe('warnings', () => {
  it('name secrets that stand in the file, and the reference to write', () => {
    const text =
      'connections:\n  my-app:\n    type: postgres\n    url: postgres://me:hunter2@host/db\n  segment: { type: segment, writeKey: hunter2 }\n';
    const { warnings, faults } = parseDefinitions([file(text)]);
    expect(faults).toEqual([]);
    expect(warnings.map(formatFault)).toEqual([
      'backhaul.yaml:4:10: "url" of the connection "my-app" holds a secret, which is stored with the definition. Write ${MY_APP_URL} and set that variable for the workers.',
      'backhaul.yaml:5:39: "writeKey" of the connection "segment" holds a secret, which is stored with the definition. Write ${SEGMENT_WRITE_KEY} and set that variable for the workers.',
    ]);
  });

  it('do not name a url whose password is a reference, or that has none', () => {
    const text =
      'connections:\n  a: { type: postgres, url: "postgres://me:${PW}@host/db" }\n  b: { type: postgres, url: "postgres://me@host/db" }\n';
    expect(parseDefinitions([file(text)])).toMatchObject({ faults: [], warnings: [] });
  });

  it('name an empty file and a sync that selects nothing', () => {
    const text = sync('').replace('    properties: all\n', '');
    expect(
      parseDefinitions([file('# later\n', 'a.yaml'), file(text)]).warnings.map(({ code }) => code),
    ).toEqual(['empty_file', 'nothing_mapped']);
  });
});

describe('whatever a file holds', () => {
  it('parsing gives faults at places of the file, and no exception', () => {
    const line = fc.constantFrom(
      'a: b',
      '  - x',
      '\t',
      '"',
      '{',
      '}',
      'syncs:',
      '  users:',
      '    key: *a',
      '&a',
      '---',
      '? x',
      '!!set',
      '<<: *a',
      '__proto__: 1',
      '    mapping: [{}]',
      'connections:',
      '  w: { type: postgres, url: "${"',
      '  w: {}',
      ': :',
    );
    const text = fc.oneof(
      fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (content) => {
        for (const fault of parseDefinitions([file(content)], () => '').faults) {
          expect(fault.line).toBeGreaterThanOrEqual(1);
          expect(fault.line).toBeLessThanOrEqual(content.split('\n').length);
          expect(fault.column).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('no fault repeats a value of a connection', () => {
    const secret = 'hunter2XYZ';
    const field = fc.constantFrom(
      'url',
      'host',
      'port',
      'sslmode',
      'password',
      'statementTimeout',
      'writeKey',
      'region',
      'eventsPerSecond',
      'trackingUrl',
      'client',
      'type',
    );
    fc.assert(
      fc.property(
        fc.constantFrom('postgres', 'segment'),
        fc.array(field, { maxLength: 5 }),
        fc.constantFrom('', '${', '"', '{', '@', ': '),
        (type, fields, noise) => {
          const text = `connections:\n  w:\n    type: ${type}\n${fields.map((name) => `    ${name}: ${noise}${secret}\n`).join('')}`;
          const { faults, warnings } = parseDefinitions([file(text)]);
          expect([...faults, ...warnings].map(formatFault).join('\n')).not.toContain(secret);
        },
      ),
    );
  });

  it('a file that cannot be read says no more than its code', () => {
    const text = `${connections}models:\n  people: { connection: warehouse, sqlFile: a.sql }\n`;
    const { faults } = parseDefinitions([file(text)], () => {
      throw new BackhaulError('internal', 'secret');
    });
    expect(faults).toHaveLength(1);
    expect(formatFault(faults[0] as never)).not.toContain('secret');
  });
});
