import { describe, expect, it } from '@jest/globals';
import type { WarehouseType } from '../../../definitions/connection.ts';
import type { Asking } from '../asking.ts';
import { colorsFor, type CliIo } from '../io.ts';
import { askFields } from './ask-fields.ts';

/** A person who gives these answers, by field; of the fields that are offered, those in rounds. */
function person(rounds: string[][], answers: Readonly<Record<string, string>>) {
  const said: string[] = [];
  const answer = (question: string): string => answers[question.split(' ')[0] ?? ''] ?? '';
  const ask: Asking = {
    secret: (question) => {
      said.push(`hidden ${question}`);
      return Promise.resolve(answer(question));
    },
    text: (question) => Promise.resolve(answer(question)),
    choose: () => Promise.resolve(rounds.shift() ?? []),
  };
  const io: CliIo = {
    env: {},
    cwd: '/',
    out: (line) => void said.push(line),
    err: (line) => void said.push(line),
    isTerminal: true,
    confirm: () => Promise.resolve(true),
    ask,
    readStdin: () => Promise.resolve(''),
    interrupted: new AbortController().signal,
    colors: colorsFor(false, {}),
  };
  return { io, said };
}

const given = (type: WarehouseType, rounds: string[][], answers: Readonly<Record<string, string>>) => {
  const { io, said } = person(rounds, answers);
  return askFields(io, type, 'warehouse', { fields: {}, secrets: {} }).then((connection) => ({
    ...connection,
    said: said.join('\n'),
  }));
};

describe('a warehouse is asked for until it has what its check needs', () => {
  it.each<[WarehouseType, string[], Record<string, string>, string[]]>([
    ['postgres', ['url'], { url: 'postgres://u:planted@h/d' }, ['url']],
    [
      'postgres',
      ['host', 'database', 'user', 'password'],
      { host: 'h', database: 'd', user: 'u', password: 'planted' },
      ['password'],
    ],
    ['mysql', ['url'], { url: 'mysql://u:planted@h/d' }, ['url']],
    ['redshift', ['url'], { url: 'redshift://u:planted@h/d' }, ['url']],
    [
      'bigquery',
      ['credentials'],
      { projectId: 'p', credentials: '{"private_key":"planted"}' },
      ['credentials'],
    ],
    [
      'snowflake',
      ['password'],
      { account: 'a', user: 'u', warehouse: 'w', password: 'planted' },
      ['password'],
    ],
    [
      'snowflake',
      ['privateKey', 'privateKeyPassphrase'],
      {
        account: 'a',
        user: 'u',
        warehouse: 'w',
        privateKey: '${file:/key.p8}',
        privateKeyPassphrase: 'planted',
      },
      ['privateKeyPassphrase'],
    ],
    [
      'databricks',
      ['token'],
      { host: 'h.cloud.databricks.com', warehouse: 'w', token: 'planted' },
      ['token'],
    ],
    [
      'databricks',
      ['clientId', 'clientSecret'],
      { host: 'h.cloud.databricks.com', warehouse: 'w', clientId: 'c', clientSecret: 'planted' },
      ['clientSecret'],
    ],
    ['elasticsearch', ['url', 'apiKey'], { url: 'https://h:9200', apiKey: 'planted' }, ['url', 'apiKey']],
    ['google_sheets', ['credentials'], { credentials: '{"private_key":"planted"}' }, ['credentials']],
    ['rockset', [], { host: 'https://rockset.example.com', apiKey: 'planted' }, ['apiKey']],
  ])('%s by %j', async (type, chosen, answers, secrets) => {
    const { definition, said, secrets: apart } = await given(type, [chosen], answers);
    expect(definition.type).toBe(type);
    expect(Object.keys(apart)).toEqual(secrets);
    expect(JSON.stringify(definition) + said).not.toContain('planted');
  });

  it('says what is missing before it asks what to give', async () => {
    const { said } = await given('snowflake', [[], ['password']], {
      ...{ account: 'a', user: 'u', warehouse: 'w', password: 'x' },
    });
    expect(said).toContain('Add privateKey, or accessToken, or oauthToken, or password');
  });

  it('keeps no secret that the connection does not use in the end', async () => {
    const { definition, secrets } = await given('postgres', [['url', 'password']], {
      url: 'postgres://u@h/d',
      password: 'planted',
    });
    expect(definition).not.toHaveProperty('password');
    expect(Object.keys(secrets)).toEqual(['url']);
  });

  it.each(['{', '-----BEGIN PRIVATE KEY-----'])(
    'takes no file of which a prompt gets the first line alone: %s',
    async (credentials) => {
      await expect(
        given('bigquery', [['credentials']], { projectId: 'p', credentials }),
      ).rejects.toMatchObject({
        code: 'usage',
        action: expect.stringContaining('--secret-stdin credentials'),
      });
    },
  );
});
