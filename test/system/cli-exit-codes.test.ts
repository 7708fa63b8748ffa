import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openCommandLine, type CommandLine } from '../support/command-line.ts';
import { backhaul } from '../support/cli.ts';
import { type TestInstallation } from '../support/installation.ts';
import { type Way, ways } from '../support/ways.ts';

/** What has to answer is another server each way. */
const unreachable: Record<Way, [string, (here: TestInstallation) => NodeJS.ProcessEnv, string][]> = {
  directly: [
    ['Temporal', () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }), 'temporal_unreachable'],
    [
      'the ledger',
      () => ({ BACKHAUL_DATABASE_URL: 'postgres://x:planted-secret@127.0.0.1:1/x' }),
      'ledger_unreachable',
    ],
    ['anything configured', () => ({ BACKHAUL_DATABASE_URL: '' }), 'ledger_not_configured'],
    ['a schema that was migrated', () => ({ BACKHAUL_DATABASE_SCHEMA: 'another' }), 'ledger_not_migrated'],
  ],
  'the HTTP API': [
    [
      'the API',
      () => ({ BACKHAUL_URL: 'http://127.0.0.1:1', BACKHAUL_API_KEY: 'planted-secret' }),
      'api_unreachable',
    ],
    [
      'an API at what is another server',
      ({ receiver }) => ({ BACKHAUL_URL: receiver.url }),
      'api_answer_unknown',
    ],
  ],
};

it.each([[['nonsense']], [['run']], [['runs', '--limit', 'many']]])(
  '2: %j, whatever it would reach',
  async (args) => {
    const { code, err } = await backhaul(args, { env: { PATH: process.env.PATH } });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/\S/) });
  },
);

describe.each(ways)('%s', (through) => {
  let line: CommandLine;
  beforeAll(async () => {
    line = await openCommandLine({ through });
    await line.here.startWorker();
  });
  afterAll(() => line.close());
  beforeEach(() => line.reset());

  describe('exit codes', () => {
    it('1: the run failed', async () => {
      await line.write(line.definitions('failing').replace('from people', 'from nowhere'));
      await line.run('apply', '--yes');
      const { code, err, json } = await line.run('run', 'failing', '--json');
      expect(code).toBe(1);
      expect(json()).toMatchObject({ status: 'failed', error: { code: 'source_table_missing' } });
      expect(err).not.toContain('at ');
      const people = await line.run('run', 'failing');
      expect(people.err).toContain('source_table_missing: ');
    });

    it('1: beyond the limits of the sync', async () => {
      await line.write(line.definitions('limited'));
      await line.run('apply', '--yes');
      line.here.receiver.respond(({ body }) => (body.includes('"userId":"7"') ? { status: 400 } : 'accept'));
      expect((await line.run('run', 'limited')).code).toBe(1);
    });

    it.each([
      [['run', 'nowhere']],
      [['describe', 'no-such-run']],
      [['recap', 'nowhere']],
      [['run', 'nowhere', '--review']],
      [['pause', 'nowhere']],
      [['runs', 'nowhere']],
    ])('2: %j', async (args) => {
      const { code, err } = await line.run(...args);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/\S/) });
    });

    it.each(unreachable[through])('4: %s cannot be reached', async (_, env, error) => {
      const { code, err } = await backhaul(['runs'], {
        env: { ...line.here.commandEnv, ...env(line.here) },
        cwd: line.cwd,
      });
      expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining(error) });
      expect(err).not.toContain('planted-secret');
    });

    it('130: Ctrl-C detaches, and says how to look or cancel', async () => {
      await line.write(line.definitions('detached'));
      await line.run('apply', '--yes');
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      let interrupt = (): void => undefined;
      line.here.receiver.respond(async () => {
        interrupt();
        await held;
        return 'accept' as const;
      });
      const { code, err } = await backhaul(['run', 'detached'], {
        env: line.here.commandEnv,
        cwd: line.cwd,
        onStart: (kill) => (interrupt = () => kill('SIGINT')),
      });
      expect({ code, err }).toEqual({
        code: 130,
        err: expect.stringMatching(/backhaul describe [\s\S]*backhaul cancel /),
      });
      letGo();
      const [going] = (await line.run('runs', 'detached', '--json')).json() as { id: string }[];
      expect(await (await line.here.backhaul.runs.handle(going?.id ?? '')).result()).toMatchObject({
        status: 'completed',
      });
    });
  });
});
