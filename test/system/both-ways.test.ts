import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cancelRequested } from '../support/cancel-requested.ts';
import { backhaul } from '../support/cli.ts';
import { openCommandLine, type CommandLine } from '../support/command-line.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { backhaulHere } from '../support/in-process.ts';
import { ways, type Way } from '../support/ways.ts';
import { BACKHAUL } from '../support/worker-process.ts';

/** Commands that have one way only, and why. Of all others this file compares what they say. */
const oneWay: Readonly<Record<string, string>> = {
  dev: 'is an installation of its own, on this machine: it says that it does not use BACKHAUL_URL',
  worker: 'is a process of an installation, beside the one that serves the API',
  serve: 'is what answers the API',
  migrate: 'makes the schema that the API needs before it can answer',
  'upgrade-check': 'is of the version that is to come, and the API of the one that runs',
  validate: 'is offline',
  'writeback-ddl': 'is offline',
};
/** Those of them that would need the servers of an installation refuse where BACKHAUL_URL is set. */
const refusing = ['serve', 'migrate', 'upgrade-check'];

/** A hundred commands, one after the other. */
const PATIENCE_MS = 900_000;

interface Told {
  command: string;
  code: unknown;
  out: unknown;
  err: string;
}

/** What is another one each time. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID'],
  [/\b[0-9a-f]{64}\b/g, 'SHA256'],
  [/\btest[-_][0-9a-f]{12,}\b/g, 'NAME'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/\b\d+(\.\d+)? (s|min|ms)\b/g, 'DURATION'],
  [/127\.0\.0\.1:\d+/g, 'LOCALHOST'],
  [/\bbh_[\w-]+/g, 'KEY'],
  [/\b[0-9a-f]{12}\b/g, 'ID'],
];
const levelled = (text: string): string =>
  CHANGING.reduce((changed, [what, by]) => changed.replaceAll(what, by), text);
/** How far a run has come when one looks is chance. */
const withoutProgress = (err: string): string =>
  err
    .split('\n')
    .filter((line) => !/^(queued|reading|sending|paused|working)/.test(line))
    .join('\n');

interface Saying {
  input?: string;
  /** Which part of the document is compared. @default all of it */
  part?: (document: unknown) => unknown;
}

/** Runs commands one after the other, and writes down what they say. */
function session({ cwd, here }: CommandLine) {
  const told: Told[] = [];
  return {
    told,
    async say(command: string, { input, part = (all) => all }: Saying = {}): Promise<{ id: string }> {
      const args = [...command.split(' '), '--json'];
      const { code, err, json } = await backhaulHere(args, {
        cwd,
        env: here.commandEnv,
        ...(input !== undefined && { input }),
      });
      const document = json();
      const out = JSON.parse(levelled(JSON.stringify(part(document) ?? null))) as unknown;
      told.push({ command: levelled(command), code, out, err: levelled(withoutProgress(err)) });
      return document as { id: string };
    },
  };
}

const SCHEDULE = 'schedule: { cron: "0 0 29 2 *", timezone: UTC }';
const NOBODY = '00000000-0000-0000-0000-000000000000';
const only = (field: string) => (document: unknown) => (document as Record<string, unknown>)[field];
const kindOf = (document: unknown): unknown => (Array.isArray(document) ? 'array' : document);

/** Every command that has both ways, as it succeeds and as it is refused. */
async function everything(line: CommandLine): Promise<Told[]> {
  const { here } = line;
  const { say, told } = session(line);
  await line.write(line.definitions('people', SCHEDULE));
  await say('apply --dry-run');
  await say('apply');
  await say('apply --yes');
  await say('apply --yes');
  await say('connect postgres piped --secret-stdin url', { input: here.warehouse.url });
  await say('connect postgres piped --secret-stdin url', { input: here.warehouse.url });
  await say('rotate-key');
  for (const kind of ['connections', 'models', 'syncs', 'alerts', 'schedules', 'runs'])
    await say(`list ${kind}`);
  for (const what of ['connection/piped', 'model/people', 'sync/people', 'sync/nobody'])
    await say(`describe ${what}`);
  await say('export');
  await say('schedules');
  await say('alerts');
  await say('notifications people');
  await say(`redeliver ${NOBODY}`);
  await say('check warehouse segment piped nobody');
  await say('preview people --limit 2');
  await say('recap people');

  const { id } = await say('run people');
  await say('run people --idempotency-key once');
  await say('run people --idempotency-key once');
  await say('run people --idempotency-key once --full');
  await say('runs people');
  await say('runs --limit 1');
  await say(`describe ${id}`);
  await say(`rows ${id} --payload`);
  await say(`rows ${id} --outcome rejected`);
  await say('history people --key 7 --payload');
  await say('history people --key stranger');
  await say('send people --key 7');
  await say('send people --key stranger');
  await say(`retry ${id}`);
  await say(`writeback ${id}`);
  await say('adopt people');
  await say("adopt people --where plan='free'");

  for (const word of ['pause', 'resume']) await say(`${word} people`);
  for (const word of ['pause', 'resume', 'cancel', 'approve', 'decline']) await say(`${word} ${id}`);
  const declined = await say('run people --full --review');
  await say('run people');
  await say(`describe ${declined.id}`, { part: only('recap') });
  await say(`decline ${declined.id}`);
  const approved = await say('run people --full --review');
  const { asked, letGo } = holdAnswers(here.receiver);
  await say(`approve ${approved.id}`, { part: only('id') });
  await asked;
  await say(`pause ${approved.id}`, { part: only('status') });
  await say(`retry ${approved.id}`);
  await say(`resume ${approved.id}`, { part: only('status') });
  const cancelling = say(`cancel ${approved.id}`, { part: only('status') });
  await cancelRequested(here, 'people');
  letGo();
  await cancelling;

  const made = (await say('keys create --role viewer --name made')) as unknown as { key: { id: string } };
  await say('keys list', {
    part: (all) => (all as { name: string }[]).filter(({ name }) => name === 'made'),
  });
  await say(`keys revoke ${made.key.id}`);
  await say(`keys revoke ${NOBODY}`);
  await say('audit', { part: kindOf });

  for (const word of ['run', 'adopt', 'recap', 'preview', 'runs', 'check', 'pause'])
    await say(`${word} nobody`);
  for (const word of ['send', 'history']) await say(`${word} nobody --key 7`);
  for (const word of ['describe', 'rows', 'retry', 'writeback', 'approve', 'cancel'])
    await say(`${word} ${NOBODY}`);
  await line.write(line.definitions('people').replace('from people', 'from nowhere'));
  await say('apply --yes --prune');
  await say('run people');
  await say('recap people');
  await say('preview people');
  return told;
}

const lines: Partial<Record<Way, CommandLine>> = {};
const told: Partial<Record<Way, Told[]>> = {};
beforeAll(async () => {
  const key = randomBytes(32).toString('base64');
  await Promise.all(
    ways.map(async (through) => {
      const line = await openCommandLine({ through, env: { BACKHAUL_ENCRYPTION_KEYS: key } });
      lines[through] = line;
      await line.here.startWorker();
      told[through] = await everything(line);
    }),
  );
}, PATIENCE_MS);
afterAll(async () => {
  for (const line of Object.values(lines)) await line.close();
});

describe('a command', () => {
  it('ends and says the same directly and through the HTTP API', () => {
    const [directly = [], throughApi] = ways.map((way) => told[way]);
    expect(directly.length).toBeGreaterThan(70);
    expect(throughApi).toEqual(directly);
  });

  it('is compared, or has a reason to have one way only', () => {
    const help = execFileSync(process.execPath, [BACKHAUL, '--help'], { env: {}, encoding: 'utf8' });
    const commands = [...help.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help' && !name.startsWith('-'));
    const compared = new Set(told.directly?.map(({ command }) => command.split(' ')[0] ?? ''));
    expect(commands.length).toBeGreaterThan(25);
    expect(commands.filter((name) => !compared.has(name)).sort()).toEqual(Object.keys(oneWay).sort());
  });

  it.each(refusing)('%s refuses to go through the HTTP API, and says what to do', async (name) => {
    const env = lines['the HTTP API']?.here.commandEnv ?? {};
    const { code, err } = await backhaul([name], { env });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^api_direct_only: .*\n {2}Unset BACKHAUL_URL/),
    });
  });
});
