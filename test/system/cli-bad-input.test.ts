import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openCommandLine, type CommandLine } from '../support/command-line.ts';
import { ways } from '../support/ways.ts';

/** What a person writes, and the code of the run's error. */
const cases: [string, (text: string) => string, string][] = [
  ['an empty write key', (text) => text.replace('SEGMENT_WRITE_KEY', 'EMPTY_WRITE_KEY'), 'write_key_empty'],
  [
    'a variable that is not set',
    (text) => text.replace('WAREHOUSE_URL', 'NOWHERE_URL'),
    'reference_unresolved',
  ],
  ['a key column that is not there', (text) => text.replace('id as user_id', 'id'), 'key_column_missing'],
  [
    'a mapped column that is not there',
    (text) => text.replace('properties: all', 'mapping: [{ from: nme, to: name }]'),
    'column_missing',
  ],
  [
    'nothing that is mapped',
    (text) => text.replace('properties: all', 'properties: selected'),
    'nothing_mapped',
  ],
  [
    'two columns of one trait',
    (text) =>
      text
        .replace('name, plan', 'name, plan, name as "Name"')
        .replace('properties: all', 'properties: all\n    normalization: snake_case'),
    'trait_collision',
  ],
  ['SQL with a syntax error', (text) => text.replace('select id', 'selec id'), 'source_syntax'],
  ['SQL that writes', (text) => text.replace(/sql: .*/, 'sql: delete from people'), 'not_a_select'],
  ['a wrong password', (text) => text.replace('WAREHOUSE_URL', 'WRONG_PASSWORD_URL'), 'source_credentials'],
  [
    'a host that does not answer',
    (text) =>
      text
        .replace('"${WAREHOUSE_URL}"', 'postgres://u@127.0.0.1:1/x, sslmode: disable')
        .replace('properties: all', 'properties: all\n    limits: { noProgress: 3s }'),
    'no_progress',
  ],
];

describe.each(ways)('%s', (through) => {
  let line: CommandLine;
  beforeAll(async () => {
    line = await openCommandLine({
      through,
      env: { EMPTY_WRITE_KEY: '', NOWHERE_URL: undefined, WRONG_PASSWORD_URL: undefined },
    });
    const url = Object.assign(new URL(line.here.warehouse.url), { password: 'planted-secret' });
    await line.here.startWorker({ WRONG_PASSWORD_URL: url.href });
  });
  afterAll(() => line.close());
  beforeEach(() => line.reset());

  describe('bad input at a run', () => {
    it.each(cases)('%s is said clearly, and nothing is lost', async (what, change, error) => {
      const name = `bad_${cases.findIndex(([one]) => one === what)}`;
      await line.write(change(line.definitions(name)));
      const applied = await line.run('apply', '--yes');
      expect({ code: applied.code, err: applied.err }).toEqual({ code: 0, err: expect.any(String) });
      const { code, err, out } = await line.run('run', name);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${error}: `) });
      expect(err + out).not.toContain('planted-secret');
      expect(line.here.receiver.requests()).toEqual([]);
    });
  });
});
