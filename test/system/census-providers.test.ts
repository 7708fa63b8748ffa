import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pythonPackages } from '../standins/python.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { stepsOf } from '../support/page-steps.ts';
import { readPage } from '../support/pages.ts';

/** All that the scheduler and its provider for Census bring along, at the versions that are said in its page. */
const scheduler = (name: string): Promise<string | null> =>
  startOrSkip(name, () =>
    pythonPackages(
      `${name}-census`,
      ['3.11'],
      readPage(`test/standins/python-packages/${name}.txt`).trim().split('\n'),
      { whole: true },
    ),
  );
const [airflow, prefect, dagster] = [
  await scheduler('airflow'),
  await scheduler('prefect'),
  await scheduler('dagster'),
];

const ROWS = 20;
const [GOOD, BROKEN] = [1, 2];
const MINUTES = 60_000;

let here: TestInstallation;
let api: TestApi;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
  const sql = `select n::text as user_id, n as logins from generate_series(1, ${ROWS}) n`;
  await here.sync('users', sql, { censusId: GOOD });
  await here.sync('broken', 'select 1 as user_id, 2 as logins from nowhere', { censusId: BROKEN });
  api = await startApi(here);
});
afterAll(async () => {
  await api.close();
  await here.close();
});

/** How often the programs look is for people; the tests look more often. */
const intervals: [RegExp, string][] = [
  [/\b(poke_interval|poll_frequency_seconds|poll_interval)=\d+/g, '$1=1'],
  [/time\.sleep\(10\)/g, 'time.sleep(1)'],
];

interface Desk {
  folder: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The programs of a page in a folder, and the environment that the page says. Beside each program stands the same one for the sync
 * that fails, named `broken_…`.
 */
async function sitDown(page: string): Promise<Desk> {
  const folder = await mkdtemp(join(here.env.HOME ?? '', 'desk-'));
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOME: folder };
  const key = await api.key('operator');
  for (const { kind, name, text } of stepsOf(page)) {
    if (kind === 'shell') {
      const own = text.replaceAll('https://backhaul.example.com', api.url).replaceAll('bh_…', key);
      for (const [, variable = '', value = ''] of own.matchAll(/([A-Z_]+)='([^']*)'/g)) env[variable] = value;
      continue;
    }
    const program = intervals.reduce((whole, [says, puts]) => whole.replace(says, puts), text);
    const broken = program
      .replaceAll('sync_id=1', `sync_id=${BROKEN}`)
      .replace(/"users"|syncs\/users\//g, (found) => found.replace('users', 'broken'))
      .replaceAll('backhaul_users', 'broken_users');
    expect(broken).not.toBe(program);
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, program);
    await writeFile(file.replace(/(\w+\.py)$/, 'broken_$1'), broken);
  }
  return { folder, env };
}

/** Runs a program at the desk; it prints what it has to say as JSON in its last line. */
async function run(bin: string | null, program: string, { env, folder }: Desk): Promise<unknown> {
  await writeFile(join(folder, 'drive.py'), program);
  const { stdout } = await promisify(execFile)(join(bin ?? '', 'python'), ['drive.py'], {
    cwd: folder,
    env,
    maxBuffer: 64 * 2 ** 20,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Status and messages of the runs of a sync, the oldest first, and of those that began after the first `before`. */
async function runsOf(sync: number, before: number): Promise<unknown[]> {
  const response = await api.fetch(`/api/v1/syncs/${sync}/sync_runs?order=asc&per_page=100`);
  const { data } = (await response.json()) as {
    data: { status: string; full_sync: boolean; records_updated: number }[];
  };
  return data
    .slice(before)
    .map(({ full_sync, records_updated, status }) => [
      status,
      ...(full_sync ? ['full'] : []),
      records_updated,
    ]);
}
const countOf = async (sync: number): Promise<number> => (await runsOf(sync, 0)).length;

(airflow === null ? describe.skip : describe)('docs/recipes/airflow.md', () => {
  it(
    'its DAGs run to the end, all rows where that is asked for, and fail with the run',
    async () => {
      const before = [await countOf(GOOD), await countOf(BROKEN)] as const;
      const desk = await sitDown('docs/recipes/airflow.md');
      desk.env = {
        ...desk.env,
        AIRFLOW_HOME: join(desk.folder, 'airflow'),
        AIRFLOW__CORE__DAGS_FOLDER: join(desk.folder, 'dags'),
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      };
      await run(airflow, 'from airflow.utils.db import initdb\ninitdb()\nprint("null")', desk);
      const states = await run(
        airflow,
        `
import json
from airflow.models import DagBag

bag = DagBag(include_examples=False)
states = {"errors": bag.import_errors}
for name in ["backhaul_users_full", "backhaul_users", "backhaul_users_http", "broken_users", "broken_users_full", "broken_users_http"]:
    run = bag.get_dag(name).test()
    states[name] = {"run": run.state, **{task.task_id: task.state for task in run.get_task_instances()}}
print()
print(json.dumps(states))`,
        desk,
      );
      const [done, failed] = ['success', 'failed'];
      expect(states).toEqual({
        errors: {},
        backhaul_users_full: { run: done, sync: done, wait: done },
        backhaul_users: { run: done, sync: done, wait: done },
        backhaul_users_http: { run: done, start: done, wait: done },
        broken_users: { run: failed, sync: done, wait: failed },
        broken_users_full: { run: failed, sync: done, wait: failed },
        broken_users_http: { run: failed, start: done, wait: failed },
      });
      const runs = await runsOf(GOOD, before[0]);
      expect(runs).toEqual([
        ['completed', 'full', ROWS],
        ['completed', 0],
        ['completed', 0],
      ]);
      expect(await runsOf(BROKEN, before[1])).toHaveLength(3);
    },
    10 * MINUTES,
  );

  it(
    'a connection is tested, as the form of Airflow does it',
    async () => {
      const desk = await sitDown('docs/recipes/airflow.md');
      desk.env.AIRFLOW_HOME = join(desk.folder, 'airflow');
      const said = await run(
        airflow,
        `
import json
from airflow_provider_census.hooks.census import CensusHook
print(json.dumps(CensusHook().test_connection()))`,
        desk,
      );
      expect(said).toEqual([true, expect.any(String)]);
    },
    5 * MINUTES,
  );
});

(prefect === null ? describe.skip : describe)('docs/recipes/prefect.md', () => {
  it(
    'its flows run to the end, all rows where that is asked for, and raise what the run failed with',
    async () => {
      const before = await countOf(GOOD);
      const desk = await sitDown('docs/recipes/prefect.md');
      // Its database is made beforehand: a flow that makes it waits for half a minute at most.
      Object.assign(desk.env, { PREFECT_HOME: join(desk.folder, 'prefect'), PREFECT_LOGGING_LEVEL: 'ERROR' });
      await promisify(execFile)(join(prefect ?? '', 'prefect'), ['server', 'database', 'upgrade', '-y'], {
        cwd: desk.folder,
        env: desk.env,
      });
      const said = await run(
        prefect,
        `
import asyncio, json
import backhaul_flow, backhaul_http_flow, broken_backhaul_flow, broken_backhaul_http_flow
from prefect_census import CensusSync
from prefect_census.flows import run_census_sync

def failure(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]

def block(flow, sync):
    credentials = flow.BackhaulCredentials(url=flow.os.environ["BACKHAUL_URL"], api_key=flow.os.environ["BACKHAUL_API_KEY"])
    return asyncio.run(run_census_sync(CensusSync(credentials=credentials, sync_id=sync, poll_frequency_seconds=1)))

said = {
    "full": asyncio.run(backhaul_flow.backhaul_users(full=True))["records_updated"],
    "ordinary": asyncio.run(backhaul_flow.backhaul_users())["records_updated"],
    "block": block(backhaul_flow, ${GOOD}).final_status.value,
    "http": backhaul_http_flow.backhaul_users_http(full=True)["messages"]["accepted"],
    "broken": failure(lambda: asyncio.run(broken_backhaul_flow.broken_users())),
    "broken http": failure(broken_backhaul_http_flow.broken_users_http),
}
print(json.dumps(said))`,
        desk,
      );
      expect(said).toEqual({
        full: ROWS,
        ordinary: 0,
        block: 'completed',
        http: ROWS,
        broken: ['CensusSyncRunFailed', expect.any(String)],
        'broken http': ['RuntimeError', expect.stringContaining('source_table_missing')],
      });
      expect(await runsOf(GOOD, before)).toEqual([
        ['completed', 'full', ROWS],
        ['completed', 0],
        ['completed', 0],
        ['completed', 'full', ROWS],
      ]);
    },
    10 * MINUTES,
  );
});

(dagster === null ? describe.skip : describe)('docs/recipes/dagster.md', () => {
  it(
    'its jobs run to the end, all rows where that is asked for, and fail with the run',
    async () => {
      const before = await countOf(GOOD);
      const desk = await sitDown('docs/recipes/dagster.md');
      const said = await run(
        dagster,
        `
import json, os
from dagster import materialize
from dagster_census import census_trigger_sync_op
import backhaul_job, backhaul_http_job, broken_backhaul_job, broken_backhaul_http_job

def execute(module, name, full=False):
    job = module.defs.get_job_def(name)
    result = job.execute_in_process(raise_on_error=False, run_config={"ops": {"users": {"config": {"full": full}}}})
    return result

def build(module):
    return materialize(module.defs.assets, resources=module.defs.resources, raise_on_error=False).success

def materialized(result):
    event = next(event for event in result.all_events if event.event_type_value == "ASSET_MATERIALIZATION")
    metadata = event.step_materialization_data.materialization.metadata
    return [metadata["records_updated"].value, metadata["source_name"].value]

census = backhaul_job.BackhaulResource(url=os.environ["BACKHAUL_URL"], api_key=os.environ["BACKHAUL_API_KEY"])
full = execute(backhaul_job, "backhaul_users", full=True)
ordinary = execute(backhaul_job, "backhaul_users")
said = {
    "full": [full.success, *materialized(full)],
    "ordinary": [ordinary.success, *materialized(ordinary)],
    "asset": build(backhaul_http_job),
    "broken": execute(broken_backhaul_job, "broken_users").success,
    "broken asset": build(broken_backhaul_http_job),
    "syncs": {sync.name: sync.id for sync in census.fetch_census_workspace_data().syncs},
    "the provider's own way with a failed run": census.trigger_sync_and_poll(${BROKEN}, poll_interval=1).sync_run["status"],
}
print(json.dumps(said))`,
        desk,
      );
      expect(said).toEqual({
        full: [true, ROWS, 'warehouse'],
        ordinary: [true, 0, 'warehouse'],
        asset: true,
        broken: false,
        'broken asset': false,
        syncs: { users: GOOD, broken: BROKEN },
        "the provider's own way with a failed run": 'failed',
      });
      expect(await runsOf(GOOD, before)).toEqual([
        ['completed', 'full', ROWS],
        ['completed', 0],
        ['completed', 0],
      ]);
    },
    10 * MINUTES,
  );
});
