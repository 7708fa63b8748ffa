import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { installActionlint } from '../standins/actionlint.ts';
import { installDbt } from '../standins/dbt.ts';
import { findTool } from '../standins/find-tool.ts';
import { runProgram } from '../standins/run-program.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { dbtEnvironment, fillForDbt } from '../support/dbt-warehouse.ts';
import { runWorkflow, type Contexts, type WorkflowRun } from '../support/github-workflow.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { stepsOf } from '../support/page-steps.ts';
import { openReadersFolder, sitDown, type ReadersFolder } from '../support/read-along.ts';
import { startServe, type ServeProcess } from '../support/serve-process.ts';

// Python, twice, on a machine that may be slow and busy.
jest.setTimeout(300_000);

const PAGE = 'docs/recipes/github-actions.md';
const workflows = new Map(
  stepsOf(PAGE).map(({ name, text }) => [name.replace('.github/workflows/', ''), text]),
);
const actionlint = await startOrSkip(PAGE, installActionlint);
const jq = await startOrSkip(PAGE, () => findTool('jq'));
const dbt = await startOrSkip(PAGE, installDbt);

const filesOfDbt = stepsOf('docs/recipes/dbt.md').filter(({ kind }) => kind === 'file');

let here: TestInstallation;
let serve: ServeProcess;
let desk: ReadersFolder;
let contexts: Contexts;
let env: NodeJS.ProcessEnv;
let attempts = 0;

beforeAll(async () => {
  [here, desk] = [await openInstallation(), await openReadersFolder()];
  await here.startWorker();
  await fillForDbt(here.warehouse);
  serve = await startServe({
    ...here.env,
    BACKHAUL_API_VARIABLES: 'WAREHOUSE_URL,SEGMENT_WRITE_KEY',
    BACKHAUL_ALLOWED_NETWORKS: '127.0.0.0/8',
  });
  const keyOf = async (role: 'operator' | 'admin'): Promise<string> =>
    (await here.backhaul.keys.create({ name: 'github', role })).text;
  const dbtEnv = dbtEnvironment(here.warehouse, desk.folder);
  const { PGPASSWORD = '', ...vars } = dbtEnv as Record<string, string>;
  contexts = {
    github: { run_id: 7, run_attempt: 1, event_name: 'schedule' },
    vars: { ...vars, BACKHAUL_URL: serve.url },
    secrets: {
      PGPASSWORD,
      BACKHAUL_API_KEY: await keyOf('operator'),
      BACKHAUL_ADMIN_KEY: await keyOf('admin'),
    },
  };
  // What the actions of the workflows bring: the repository, Node.js with its packages, Python.
  await sitDown(desk);
  for (const { name, text } of filesOfDbt) {
    await mkdir(dirname(join(desk.folder, name)), { recursive: true });
    const local = `'\${SEGMENT_WRITE_KEY}', trackingUrl: ${here.receiver.url} }`;
    await writeFile(join(desk.folder, name), text.replace("'${SEGMENT_WRITE_KEY}' }", local));
  }
  await writeFile(join(desk.folder, 'bin', 'npm'), '#!/bin/sh\n[ "$*" = ci ]\n');
  await chmod(join(desk.folder, 'bin', 'npm'), 0o755);
  env = {
    HOME: desk.folder,
    PATH: [join(desk.folder, 'bin'), dbt ?? '', dirname(process.execPath), process.env.PATH].join(delimiter),
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DBT_PROFILES_DIR: desk.folder,
  };
});
afterAll(async () => {
  await serve.stop();
  await here.close();
  await desk.close();
});

/** As GitHub would, at an attempt of its own. */
const run = (name: string, github: Partial<Contexts['github']> = {}): Promise<WorkflowRun> =>
  runWorkflow(
    workflows.get(name) ?? '',
    { ...contexts, github: { ...contexts.github, run_attempt: ++attempts, ...github } },
    { folder: desk.folder, env },
  );
const push = { event_name: 'push' };
const pullRequest = (fork: boolean): Partial<Contexts['github']> => ({
  event_name: 'pull_request',
  event: { pull_request: { head: { repo: { fork } } } },
});
const runs = async (): Promise<[string, number][]> =>
  (await here.backhaul.runs.list()).map(({ messages, status }) => [status, messages.accepted]);

(actionlint === null ? describe.skip : describe)('the workflows of docs/recipes/github-actions.md', () => {
  const lint = async (name: string, text: string): Promise<string> => {
    const file = join(desk.folder, name);
    await writeFile(file, text);
    return runProgram(actionlint ?? '', ['-no-color', '-shellcheck=', '-pyflakes=', file]);
  };

  it('are right by actionlint', async () => {
    expect(workflows.size).toBe(3);
    for (const [name, text] of workflows) expect(await lint(name, text)).toBe('');
  });

  it('would not be with a misspelt word, or with an output that no step has', async () => {
    const text = workflows.get('nightly.yml') ?? '';
    await expect(lint('a.yml', text.replace('needs:', 'need:'))).rejects.toThrow('"need"');
    await expect(lint('b.yml', text.replace('steps.start.outputs', 'steps.begin.outputs'))).rejects.toThrow(
      'begin',
    );
  });
});

(jq === null ? describe.skip : describe)('their steps, run as they stand', () => {
  it('apply the definitions on the main branch, with the key of an admin', async () => {
    expect((await run('definitions.yml', push)).jobs).toEqual({ check: 'success', apply: 'success' });
    expect(Object.keys((await here.backhaul.definitions.get()).syncs)).toEqual(['users']);
  });

  (dbt === null ? it.skip : it)(
    'build by dbt, then run the sync; and do not when a test of dbt fails',
    async () => {
      expect((await run('nightly.yml')).jobs).toEqual({ build: 'success', sync: 'success' });
      expect(await runs()).toEqual([['completed', 3]]);
      await here.warehouse.query("update app.users set plan = 'gold' where id = 2");
      const { jobs, said } = await run('nightly.yml');
      expect([jobs, said]).toEqual([
        { build: 'failure', sync: 'skipped' },
        expect.stringContaining('accepted_values'),
      ]);
      expect(await runs()).toHaveLength(1);
    },
  );

  it('run the sync by the clock once, also when an attempt starts it twice', async () => {
    await here.warehouse.query('create schema if not exists analytics');
    await here.warehouse.query('drop table if exists analytics.active_users');
    await here.warehouse.query(
      "create table analytics.active_users as select 'u1' as user_id, 'pro' as plan",
    );
    const before = (await runs()).length;
    const attempt = { run_attempt: 100 };
    expect((await run('sync-users.yml', attempt)).jobs).toEqual({ sync: 'success' });
    expect((await run('sync-users.yml', attempt)).jobs).toEqual({ sync: 'success' });
    expect(await runs()).toHaveLength(before + 1);
    expect((await run('sync-users.yml')).jobs).toEqual({ sync: 'success' });
    expect(await runs()).toHaveLength(before + 2);
    expect(here.receiver.users().get('u1')?.traits).toEqual({ plan: 'pro' });
  });

  it('show on a pull request what is at stake, without a value of a row', async () => {
    await here.warehouse.query("insert into analytics.active_users values ('u2', 'planted-value')");
    const { jobs, said, summary } = await run('definitions.yml', pullRequest(false));
    expect(jobs).toEqual({ check: 'success', apply: 'skipped' });
    expect(JSON.parse(summary)).toMatchObject({
      mode: 'incremental',
      rows: { added: 1 },
      cost: { messages: 1 },
    });
    expect(said).not.toContain('planted-value');
    expect(await run('definitions.yml', pullRequest(true))).toMatchObject({
      jobs: { check: 'success' },
      summary: '',
    });
  });

  it('fail as the run fails, and say why', async () => {
    await here.warehouse.query('drop table analytics.active_users');
    const byCommand = await run('sync-users.yml');
    expect(byCommand).toMatchObject({
      jobs: { sync: 'failure' },
      said: expect.stringContaining('source_table_missing'),
    });
    const sync = (workflows.get('nightly.yml') ?? '')
      .replace(/^ {2}build:[\s\S]*?(?=^ {2}sync:)/m, '')
      .replace('needs: build', '');
    const byCurl = await runWorkflow(
      sync,
      { ...contexts, github: { ...contexts.github, run_attempt: 200 } },
      { folder: desk.folder, env },
    );
    expect(byCurl).toMatchObject({
      jobs: { sync: 'failure' },
      said: expect.stringContaining('source_table_missing'),
    });
  });

  it('fail at a fault of the definitions, and say where it is', async () => {
    await writeFile(join(desk.folder, 'backhaul.yaml'), 'version: 1\nsyncs: { users: { model: nothing } }\n');
    const { jobs, said } = await run('definitions.yml', push);
    expect([jobs, said]).toEqual([
      { check: 'failure', apply: 'skipped' },
      expect.stringContaining('backhaul.yaml:2'),
    ]);
  });
});
