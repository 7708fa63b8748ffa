import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul, type CommandResult } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

let here: TestInstallation;
let cwd: string;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
  await here.warehouse.query(
    "create table people as select g as id, 'name ' || g as name, 'pro' as plan from generate_series(1, 50) g",
  );
});
afterAll(() => here.close());
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'backhaul-cli-'));
  here.receiver.reset();
  here.receiver.respond(null);
});
afterEach(() => rm(cwd, { recursive: true }));

const run = (...args: string[]): Promise<CommandResult> => backhaul(args, { env: here.env, cwd });
const definitions = (sync = 'people', fields = ''): string => `version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}", trackingUrl: ${here.receiver.url}, eventsPerSecond: 100000 }
models:
  ${sync}:
    connection: warehouse
    sql: select id as user_id, name, plan from people
syncs:
  ${sync}:
    model: ${sync}
    destination: segment
    key: { from: user_id, to: userId }
    properties: all
    ${fields}
`;
const write = (text: string, name = 'backhaul.yaml'): Promise<void> => writeFile(join(cwd, name), text);

describe('from a file to Segment', () => {
  it('validate, apply, check, preview, run, runs, describe, rows', async () => {
    await write(definitions());
    expect(await run('validate')).toMatchObject({
      code: 0,
      out: expect.stringContaining('valid: 2 connections, 1 model, 1 sync'),
    });

    const shown = await run('apply', '--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.out + shown.err).toMatch(/sync\/people|sync people/);
    expect((await run('list', 'syncs', '--json')).json()).toEqual([]);

    expect(await run('apply')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 });
    expect((await run('list', 'syncs', '--json')).json()).toMatchObject([
      { name: 'people', model: 'people' },
    ]);
    expect(await run('apply', '--yes')).toMatchObject({ code: 0, err: expect.stringContaining('othing') });

    expect((await run('check', 'warehouse', 'segment', '--json')).json()).toMatchObject([
      { connection: 'warehouse', ok: true, warnings: [expect.stringContaining('superuser')] },
      { connection: 'segment', ok: true },
    ]);
    expect((await run('preview', 'people', '--limit', '2', '--json')).json()).toMatchObject({
      columns: [{ name: 'user_id' }, { name: 'name' }, { name: 'plan' }],
      rows: [expect.any(Array), expect.any(Array)],
    });

    const first = await run('run', 'people', '--json');
    expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/^run [0-9a-f-]+ of people/) });
    const document = first.json() as { id: string };
    expect(document).toMatchObject({
      sync: 'people',
      status: 'completed',
      messages: { accepted: 50 },
      error: null,
    });
    expect(here.receiver.users().get('7')?.traits).toEqual({ name: 'name 7', plan: 'pro' });

    const second = await run('run', 'people');
    expect(second).toMatchObject({ code: 0, out: expect.stringContaining('50 unchanged') });
    expect((await run('runs', 'people', '--json')).json()).toHaveLength(2);
    expect((await run('describe', document.id, '--json')).json()).toMatchObject({
      id: document.id,
      invalid: {},
      rejected: {},
    });
    expect(
      (await run('rows', document.id, '--outcome', 'accepted', '--payload', '--json')).json(),
    ).toHaveLength(50);
  });

  it('apply changes, and removes nothing unless it is told to prune', async () => {
    await write(definitions('pruned'));
    await run('apply', '--yes');
    await write(definitions('kept'));
    await run('apply', '--yes');
    const names = async (): Promise<string[]> =>
      ((await run('list', 'syncs', '--json')).json() as { name: string }[]).map(({ name }) => name);
    expect(await names()).toEqual(expect.arrayContaining(['kept', 'pruned']));
    const pruning = await run('apply', '--prune', '--yes');
    expect(pruning).toMatchObject({ code: 0 });
    expect(pruning.err + pruning.out).toContain('pruned');
    expect(await names()).toEqual(['kept']);
    const exported = await run('export');
    expect(exported.out).toContain('${SEGMENT_WRITE_KEY}');
    await write(exported.out);
    expect(await run('validate')).toMatchObject({ code: 0 });
    expect(await run('apply', '--yes')).toMatchObject({ err: expect.stringContaining('othing') });
  });

  it('reads a folder of files, and SQL beside them', async () => {
    await mkdir(join(cwd, 'backhaul', 'sql'), { recursive: true });
    const [connections = '', rest = ''] = definitions('folder').split('models:');
    await write(connections, 'backhaul/connections.yaml');
    await write(
      `version: 1\nmodels:${rest.replace('sql: select', 'sqlFile: sql/people.sql #')}`,
      'backhaul/folder.yaml',
    );
    await write('select id as user_id, name from people', 'backhaul/sql/people.sql');
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 });
    expect((await run('run', 'folder', '--json')).json()).toMatchObject({ status: 'completed' });
  });
});

describe('faults of definitions', () => {
  it('are reported all at once, each at its line and column, with what to write instead', async () => {
    await write(`version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}", pasword: x }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}", region: moon }
models:
  people: { connection: warehous, sql: select 1 }
syncs:
  people:
    model: poeple
    destination: segment
    key: { from: id, to: email }
    schedule: { cron: "every monday" }
`);
    const { code, err } = await run('validate');
    expect(code).toBe(3);
    for (const fault of [
      /^backhaul\.yaml:3:57: .*pasword.*password/m,
      /^backhaul\.yaml:4:71: .*region.*us, eu/m,
      /^backhaul\.yaml:6:25: .*warehous.*warehouse/m,
      /^backhaul\.yaml:9:12: .*poeple.*people/m,
      /^backhaul\.yaml:11:26: .*email.*userId/m,
      /^backhaul\.yaml:12:23: .*every monday/m,
    ]) {
      expect(err).toMatch(fault);
    }
  });

  it('also of a file that is no YAML', async () => {
    await write('version: 1\nsyncs: [\n');
    expect(await run('validate')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^backhaul\.yaml:\d+:\d+: /m),
    });
  });

  it('as one JSON document on stdout', async () => {
    await write('version: 2');
    const { code, json } = await run('validate', '--json');
    expect(code).toBe(3);
    expect(json()).toMatchObject({ faults: [{ line: 1, column: 10 }] });
  });

  it('and a file that is not there', async () => {
    expect(await run('validate')).toMatchObject({
      code: 3,
      err: expect.stringContaining('definitions_not_found'),
    });
    expect(await run('validate', 'nowhere.yaml')).toMatchObject({
      code: 3,
      err: expect.stringContaining('nowhere.yaml'),
    });
  });
});

describe('exit codes', () => {
  it('1: the run failed', async () => {
    await write(definitions('failing').replace('from people', 'from nowhere'));
    await run('apply', '--yes');
    const { code, err, json } = await run('run', 'failing', '--json');
    expect(code).toBe(1);
    expect(json()).toMatchObject({ status: 'failed', error: { code: 'source_table_missing' } });
    expect(err).not.toContain('at ');
    const people = await run('run', 'failing');
    expect(people.err).toContain('source_table_missing: ');
  });

  it('1: beyond the limits of the sync', async () => {
    await write(definitions('limited'));
    await run('apply', '--yes');
    here.receiver.respond(({ body }) => (body.includes('"userId":"7"') ? { status: 400 } : 'accept'));
    expect((await run('run', 'limited')).code).toBe(1);
  });

  it.each([
    [['nonsense']],
    [['run']],
    [['run', 'nowhere']],
    [['runs', '--limit', 'many']],
    [['describe', 'no-such-run']],
    [['recap', 'nowhere']],
    [['run', 'nowhere', '--review']],
    [['pause', 'nowhere']],
    [['runs', 'nowhere']],
  ])('2: %j', async (args) => {
    const { code, err } = await run(...args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/\S/) });
  });

  it.each<[string, NodeJS.ProcessEnv, string]>([
    ['Temporal', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'temporal_unreachable'],
    [
      'the ledger',
      { BACKHAUL_DATABASE_URL: 'postgres://x:planted-secret@127.0.0.1:1/x' },
      'ledger_unreachable',
    ],
    ['anything configured', { BACKHAUL_DATABASE_URL: '' }, 'ledger_not_configured'],
    ['a schema that was migrated', { BACKHAUL_DATABASE_SCHEMA: 'another' }, 'ledger_not_migrated'],
  ])('4: %s cannot be reached', async (_, env, error) => {
    const { code, err } = await backhaul(['runs'], { env: { ...here.env, ...env }, cwd });
    expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining(error) });
    expect(err).not.toContain('planted-secret');
  });

  it('130: Ctrl-C detaches, and says how to look or cancel', async () => {
    await write(definitions('detached'));
    await run('apply', '--yes');
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let interrupt = (): void => undefined;
    here.receiver.respond(async () => {
      interrupt();
      await held;
      return 'accept' as const;
    });
    const { code, err } = await backhaul(['run', 'detached'], {
      env: here.env,
      cwd,
      onStart: (kill) => (interrupt = () => kill('SIGINT')),
    });
    expect({ code, err }).toEqual({
      code: 130,
      err: expect.stringMatching(/backhaul describe [\s\S]*backhaul cancel /),
    });
    letGo();
    const [going] = (await run('runs', 'detached', '--json')).json() as { id: string }[];
    expect(await (await here.backhaul.runs.handle(going?.id ?? '')).result()).toMatchObject({
      status: 'completed',
    });
  });
});

/** Resolves once Temporal knows that a run is to be cancelled; the command may take its time to start. */
const cancelRequested = (sync: string): Promise<true> =>
  until(async () => {
    const workflow = here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/sync/${sync}`);
    const { events } = await workflow.fetchHistory();
    return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
  }, 120_000);

describe('steering a run', () => {
  it('--detach, pause, resume, cancel', async () => {
    await write(definitions('steered'));
    await run('apply', '--yes');
    const { asked, letGo } = holdAnswers(here.receiver);
    const { id } = (await run('run', 'steered', '--detach', '--json')).json() as { id: string };
    await asked;
    expect((await run('pause', id, '--json')).json()).toMatchObject({ id, status: 'paused' });
    expect((await run('resume', id, '--json')).json()).toMatchObject({ id, status: 'working' });
    const cancelling = run('cancel', id, '--json');
    await cancelRequested('steered');
    letGo();
    expect((await cancelling).json()).toMatchObject({ id, status: 'cancelled', messages: { accepted: 50 } });
    expect(await run('pause', id)).toMatchObject({
      code: 2,
      err: expect.stringContaining('run_ended'),
    });
  });

  it('the same idempotency key gives the same run', async () => {
    await write(definitions('keyed'));
    await run('apply', '--yes');
    const once = (await run('run', 'keyed', '--idempotency-key', 'k', '--json')).json() as { id: string };
    const again = (await run('run', 'keyed', '--idempotency-key', 'k', '--json')).json() as { id: string };
    expect(again.id).toBe(once.id);
    expect(await run('run', 'keyed', '--idempotency-key', 'k', '--full')).toMatchObject({
      code: 2,
      err: expect.stringContaining('idempotency_conflict'),
    });
  });
});

describe('bad input at a run', () => {
  const cases: [string, (text: string) => string, NodeJS.ProcessEnv, string][] = [
    ['an empty write key', (text) => text, { SEGMENT_WRITE_KEY: '' }, 'write_key_empty'],
    [
      'a variable that is not set',
      (text) => text.replace('WAREHOUSE_URL', 'NOWHERE_URL'),
      {},
      'reference_unresolved',
    ],
    [
      'a key column that is not there',
      (text) => text.replace('id as user_id', 'id'),
      {},
      'key_column_missing',
    ],
    [
      'a mapped column that is not there',
      (text) => text.replace('properties: all', 'mapping: [{ from: nme, to: name }]'),
      {},
      'column_missing',
    ],
    [
      'nothing that is mapped',
      (text) => text.replace('properties: all', 'properties: selected'),
      {},
      'nothing_mapped',
    ],
    [
      'two columns of one trait',
      (text) =>
        text
          .replace('name, plan', 'name, plan, name as "Name"')
          .replace('properties: all', 'properties: all\n    normalization: snake_case'),
      {},
      'trait_collision',
    ],
    ['SQL with a syntax error', (text) => text.replace('select id', 'selec id'), {}, 'source_syntax'],
    ['SQL that writes', (text) => text.replace(/sql: .*/, 'sql: delete from people'), {}, 'not_a_select'],
    ['a wrong password', (text) => text, { WAREHOUSE_URL: 'wrong' }, 'source_credentials'],
    [
      'a host that does not answer',
      (text) => text.replace('"${WAREHOUSE_URL}"', 'postgres://u@127.0.0.1:1/x, sslmode: disable'),
      {},
      'no_progress',
    ],
  ];

  it.each(cases)('%s is said clearly, and nothing is lost', async (what, change, env, error) => {
    const name = `bad_${cases.findIndex(([one]) => one === what)}`;
    const other = await openInstallation({ env: { ...env } });
    try {
      await other.warehouse.query(
        "create table people as select g as id, 'name ' || g as name, 'pro' as plan from generate_series(1, 50) g",
      );
      const workerEnv =
        env.WAREHOUSE_URL === 'wrong'
          ? {
              WAREHOUSE_URL: Object.assign(new URL(other.warehouse.url), { password: 'planted-secret' }).href,
            }
          : {};
      await other.startWorker(workerEnv);
      const text = change(definitions(name).replace(here.receiver.url, other.receiver.url));
      await write(
        error === 'no_progress'
          ? text.replace('properties: all', 'properties: all\n    limits: { noProgress: 3s }')
          : text,
      );
      const applied = await backhaul(['apply', '--yes'], { env: other.env, cwd });
      expect({ code: applied.code, err: applied.err }).toEqual({ code: 0, err: expect.any(String) });
      const { code, err, out } = await backhaul(['run', name], { env: other.env, cwd });
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${error}: `) });
      expect(err + out).not.toContain('planted-secret');
      expect(other.receiver.requests()).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
