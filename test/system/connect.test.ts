import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Asking } from '../../client/cli/asking.ts';
import { connectCommand } from '../../client/cli/commands/connect.ts';
import { colorsFor } from '../../client/cli/io.ts';
import { runCli } from '../../client/cli/run-cli.ts';
import { noDefinitions } from '../../definitions/schema.ts';
import { exploreCredential } from '../../segment/setup.ts';
import { startPublicApi } from '../standins/segment-public-api/public-api-server.ts';
import { startApi } from '../support/api.ts';
import { backhaul, type CommandResult } from '../support/cli.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { ways } from '../support/ways.ts';

const TOKEN = 'sgp_planted-token';
/** Of the form that Segment's have. */
const OTHER_KEY = 'Planted0'.repeat(4);
const workspace = {
  slug: 'acme',
  tokens: [{ token: TOKEN, admin: ['id-users', 'id-web', 'id-off'] }],
  sources: [
    { id: 'id-users', slug: 'users', writeKeys: [WRITE_KEY] },
    { id: 'id-web', slug: 'website', categories: ['Website'], writeKeys: ['W'.repeat(32)] },
    { id: 'id-off', slug: 'off', enabled: false, writeKeys: ['O'.repeat(32)] },
    { id: 'id-audit', slug: 'audit', writeKeys: ['A'.repeat(32)] },
  ],
};
const publicApi = await startPublicApi(workspace);
const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
afterAll(() => publicApi.close());

describe.each(ways)('%s', (through) => {
  let here: TestInstallation;
  /** Who connects asks Segment from their own machine. */
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    here = await openInstallation({
      through,
      receiver: { writeKeys: [WRITE_KEY, OTHER_KEY] },
      env: { BACKHAUL_ENCRYPTION_KEYS: first, BACKHAUL_ALLOWED_ENDPOINTS: publicApi.url },
    });
    env = { ...here.commandEnv, BACKHAUL_ALLOWED_ENDPOINTS: publicApi.url };
    await here.startWorker();
    await here.define({});
    await here.warehouse.query(
      "create table people as select g as id, 'name' as name from generate_series(1, 5) g",
    );
  });
  afterAll(() => here.close());
  beforeEach(() => {
    publicApi.workspace = workspace;
    here.receiver.reset();
  });

  const pipe = (input: string, ...args: string[]): Promise<CommandResult> => backhaul(args, { env, input });
  const hosts = (): string[] => [
    ...['--set', `publicApiUrl=${publicApi.url}`],
    ...['--set', `trackingUrl=${here.receiver.url}`, '--set', 'eventsPerSecond=100000'],
  ];
  const connectSegment = (name: string, ...args: string[]): Promise<CommandResult> =>
    pipe(`${TOKEN}\n`, 'connect', 'segment', name, '--token-stdin', ...hosts(), ...args);

  /** The command as at a terminal, where the answers come one after the other. */
  async function atTerminal(args: string[], answers: (string | string[])[]) {
    const said: string[] = [];
    const next = (question: string): string | string[] => {
      said.push(`? ${question}`);
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`no answer to ${question}`);
      return answer;
    };
    const ask: Asking = {
      secret: async (question) => String(next(question)),
      text: async (question) => String(next(question)),
      choose: async (question, choices) => {
        said.push(...choices.map(({ value }) => `- ${value}`));
        return [next(question)].flat();
      },
    };
    const exit = await runCli(
      args,
      {
        env,
        cwd: '/',
        out: (line) => void said.push(line),
        err: (line) => void said.push(line),
        isTerminal: true,
        confirm: async () => true,
        ask,
        readStdin: async () => '',
        interrupted: new AbortController().signal,
        colors: colorsFor(false, {}),
      },
      (program, cli) => connectCommand(program, cli, exploreCredential),
    );
    return { exit, said: said.join('\n') };
  }

  describe('connect segment', () => {
    it('by a token: takes the only source that can be used, tests it, stores it, and a sync runs over it', async () => {
      const { code, out, err } = await connectSegment('by_token');
      expect({ code, err }).toEqual({
        code: 0,
        err: expect.stringContaining('workspace acme, Inc. (acme, us)'),
      });
      expect(out).toContain('stored: by_token');
      expect(err).toContain('audit (the token may not read its write key: it needs Source Admin)');
      expect(err).toContain('off (switched off)');
      expect(err).not.toContain('website');
      expect(out + err).not.toContain(TOKEN);

      await here.define({
        models: { people: { connection: 'warehouse', sql: 'select id as user_id, name from people' } },
        syncs: {
          people: {
            model: 'people',
            destination: 'segment',
            key: { from: 'user_id', to: 'userId' },
            properties: 'all',
          },
        },
      });
      // The sync goes to the stored connection by its name alone.
      const { definitions } = here.backhaul;
      const installed = await definitions.get();
      const { people } = installed.syncs;
      if (people === undefined) throw new Error('no sync');
      const moved = { ...installed, syncs: { people: { ...people, destination: 'by_token' } } };
      await (await definitions.plan(moved)).apply();
      expect(await here.run('people')).toMatchObject({ status: 'completed', messages: { accepted: 5 } });
    });

    it('keeps the token encrypted, and shows it to nobody', async () => {
      const stored = JSON.stringify([
        await here.ledger.query('select * from backhaul.definitions'),
        await here.ledger.query("select encode(sealed, 'escape') as sealed from backhaul.secrets"),
        await here.ledger.query('select * from backhaul.connection_drafts'),
      ]);
      expect(stored).not.toContain(TOKEN);
      const shown = await Promise.all([
        pipe('', 'export'),
        pipe('', 'describe', 'connection/by_token'),
        pipe('', 'list', 'connections', '--json'),
      ]);
      for (const { out, err } of shown) expect(out + err).not.toContain(TOKEN);
      expect(shown[0].out).toContain('token: ${secret:token}');
      expect(shown[0].err).toContain('by_token: token is stored encrypted');
      expect(
        await here.ledger.query(
          "select count(*)::int as drafts from backhaul.secrets where owner like 'draft/%'",
        ),
      ).toEqual([{ drafts: 0 }]);
    });

    it('prints YAML with a reference instead, and stores nothing', async () => {
      const { code, out, err } = await connectSegment('printed', '--yaml');
      expect(code).toBe(0);
      expect(out).toContain('token: ${PRINTED_TOKEN}');
      expect(out).toContain('source: users');
      expect(out).toContain('rateLimitGroup: acme');
      expect(err).toContain('Set PRINTED_TOKEN');
      expect((await here.backhaul.definitions.get()).connections).not.toHaveProperty('printed');
    });

    it('takes the sources that are named, a connection each', async () => {
      const { code, out } = await connectSegment('named', '--source', 'users', '--source', 'id-web');
      expect(code).toBe(0);
      expect(out).toContain('stored: named_users, named_website');
      expect((await here.backhaul.definitions.get()).connections).toMatchObject({
        named_users: { source: 'users', rateLimitGroup: 'acme' },
        named_website: { source: 'website', rateLimitGroup: 'acme' },
      });
    });

    it.each([
      ['audit', 'segment_token_permission'],
      ['off', 'segment_source_disabled'],
      ['nothing', 'segment_source_unknown'],
    ])('refuses the source %s by %s', async (source, code) => {
      expect((await connectSegment('refused', '--source', source)).err).toContain(code);
      expect((await here.backhaul.definitions.get()).connections).not.toHaveProperty('refused');
    });

    it.each([`"${TOKEN}"\n`, ` ${TOKEN}\n`, `Bearer ${TOKEN}`])(
      'sends nothing when %j is pasted',
      async (pasted) => {
        const before = publicApi.requests().length;
        const result = await pipe(pasted, 'connect', 'segment', 'pasted', '--token-stdin', ...hosts());
        expect(result).toMatchObject({
          code: 1,
          err: expect.stringContaining('segment_credential_malformed'),
        });
        expect(publicApi.requests()).toHaveLength(before);
      },
    );

    it('asks, and a person chooses among several', async () => {
      publicApi.workspace = {
        ...workspace,
        tokens: [{ token: TOKEN, admin: 'all' as const }],
      };
      const { exit, said } = await atTerminal(
        ['connect', 'segment', 'asked', ...hosts()],
        [TOKEN, ['audit', 'users']],
      );
      expect({ exit, said }).toMatchObject({
        exit: 0,
        said: expect.stringContaining('? Token or write key'),
      });
      expect(said).toContain('Access Management, Tokens');
      expect(said).toContain('stored: asked_audit, asked_users');
      expect(said).not.toContain(TOKEN);
    });

    it('takes a write key at the same question, and says that it is one', async () => {
      const { exit, said } = await atTerminal(
        [
          'connect',
          'segment',
          'by_key',
          '--set',
          `trackingUrl=${here.receiver.url}`,
          '--set',
          `settingsUrl=${here.receiver.url}`,
        ],
        [OTHER_KEY, 'eu'],
      );
      expect({ exit, said }).toMatchObject({
        exit: 0,
        said: expect.stringContaining('This is a write key.'),
      });
      expect(said).toContain('stored: by_key');
      expect((await here.backhaul.definitions.get()).connections.by_key).toMatchObject({
        writeKey: '${secret:writeKey}',
        region: 'eu',
      });
    });
  });

  describe('connect of a warehouse', () => {
    it('asks for its fields, tests it, and stores its URL encrypted', async () => {
      const { exit, said } = await atTerminal(
        ['connect', 'postgres', 'asked'],
        [['url'], here.warehouse.url, []],
      );
      expect({ exit, said }).toMatchObject({ exit: 0, said: expect.stringContaining('asked: ok') });
      expect(said).not.toContain(here.warehouse.url);
      expect((await here.backhaul.definitions.get()).connections.asked).toMatchObject({
        url: '${secret:url}',
      });
      await here.define({ models: { asked: { connection: 'warehouse', sql: 'select id from people' } } });
      expect((await pipe('', 'check', 'asked')).code).toBe(0);
    });

    it('takes what is piped in, and stores nothing that does not work', async () => {
      const url = here.warehouse.url.replace(/\/[^/]*$/, '/nowhere');
      const result = await pipe(url, 'connect', 'postgres', 'piped', '--secret-stdin', 'url');
      expect(result).toMatchObject({ code: 1, err: expect.stringContaining('source_database_missing') });
      expect((await here.backhaul.definitions.get()).connections).not.toHaveProperty('piped');
      const sound = await pipe(
        here.warehouse.url,
        'connect',
        'postgres',
        'piped',
        '--secret-stdin',
        'url',
        '--json',
      );
      expect(sound.json()).toMatchObject({ stored: ['piped'], checks: [{ connection: 'piped' }] });
    });

    it('takes no secret from the command line', async () => {
      const result = await pipe('', 'connect', 'postgres', '--set', 'password=planted-secret');
      expect(result).toMatchObject({ code: 2, err: expect.stringContaining('--secret-stdin') });
      expect(result.err).not.toContain('planted-secret');
    });

    it('says what is missing when nobody can be asked', async () => {
      expect(await pipe('', 'connect', 'rockset')).toMatchObject({
        code: 3,
        err: expect.stringContaining('definitions_invalid'),
      });
    });
  });

  describe('encryption keys', () => {
    /** A command where these are the keys: its own, or those of the API that it goes through. */
    async function withKeys(keys: string, ...args: string[]): Promise<CommandResult> {
      const keeping = { ...here.env, BACKHAUL_ENCRYPTION_KEYS: keys };
      const input = `${TOKEN}\n`;
      if (through === 'directly') return backhaul(args, { env: keeping, input });
      const api = await startApi({ backhaul: here.backhaul, env: keeping });
      try {
        const asking = { ...env, BACKHAUL_URL: api.url, BACKHAUL_API_KEY: await api.key('admin') };
        return await backhaul(args, { env: asking, input });
      } finally {
        await api.close();
      }
    }

    it('without any, nothing is stored', async () => {
      const result = await withKeys('', 'connect', 'segment', 'unkept', '--token-stdin', ...hosts());
      expect(result).toMatchObject({ code: 2, err: expect.stringContaining('encryption_keys_missing') });
      expect((await here.backhaul.definitions.get()).connections).not.toHaveProperty('unkept');
    });

    it('that are none are refused, by a command as by what serves the API', async () => {
      const wrong = { ...here.env, BACKHAUL_ENCRYPTION_KEYS: 'too-short' };
      const command = through === 'directly' ? ['connect', 'segment'] : ['serve'];
      expect(await backhaul(command, { env: wrong })).toMatchObject({
        code: 2,
        err: expect.stringContaining('openssl rand -base64 32'),
      });
    });

    it('rotate-key encrypts everything with the first, and then the old one is needed no more', async () => {
      const done = (await withKeys(`${second},${first}`, 'rotate-key', '--json')).json() as {
        rotated: number;
      };
      expect(done.rotated).toBeGreaterThan(0);
      expect((await withKeys(`${second},${first}`, 'rotate-key', '--json')).json()).toMatchObject({
        rotated: 0,
      });
      const keys = await here.ledger.query('select distinct key_id from backhaul.secrets');
      expect(keys).toHaveLength(1);
      expect((await withKeys(first, 'rotate-key')).err).toContain('secret_unreadable');
      expect((await pipe('', 'check', 'by_token')).err).toContain('secret_unreadable');
    });

    it('secrets go with their connection', async () => {
      const { definitions } = here.backhaul;
      await (await definitions.plan(noDefinitions(), { prune: true })).apply();
      expect(await here.ledger.query('select count(*)::int as secrets from backhaul.secrets')).toEqual([
        { secrets: 0 },
      ]);
    });
  });
});
