import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, expect, it } from '@jest/globals';
import type { Answer } from '../../dev/receiver/respond.ts';
import { openInstallation } from '../support/installation.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const PATIENCE_MS = 180_000;
const RUNNING = 1;

const deployment = `backhaul-${randomBytes(4).toString('hex')}`;
const here = await openInstallation();
afterAll(() => here.close());

/** What the page tells to do, for builds 0.2.0 and 0.3.0. */
const page = await readFile(new URL('../../docs/upgrade.md', import.meta.url), 'utf8');
const told = [...page.matchAll(/^\s*(temporal worker deployment .*)$/gm)].map(([, command]) => command ?? '');

async function asTold(...words: string[]): Promise<string> {
  const command = told.find((line) => words.every((word) => line.includes(word)));
  if (command === undefined) throw new Error(`the page does not tell ${words.join(' ')}`);
  const [, ...args] = command
    .replace('--deployment-name backhaul', `--deployment-name ${deployment}`)
    .split(' ');
  const server = ['--address', required('TEST_TEMPORAL_ADDRESS')];
  // A version is known as soon as its worker has polled.
  return until(async () => {
    const { stdout } = await run(required('TEMPORAL_CLI_PATH'), [...args, ...server], {
      env: { HOME: '/nonexistent' },
    });
    return stdout === '' ? ' ' : stdout;
  });
}

const startBuild = (buildId: string) =>
  here.startWorker({ TEMPORAL_DEPLOYMENT_NAME: deployment, TEMPORAL_WORKER_BUILD_ID: buildId });

const buildsOf = async (name: string): Promise<string[]> => {
  const workflowId = `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`;
  const builds: string[] = [];
  const { runId } = await here.temporal.workflow.getHandle(workflowId).describe();
  for (let next: string | undefined = runId; next !== undefined;) {
    const { raw } = await here.temporal.workflow.getHandle(workflowId, next).describe();
    const { versioningInfo } = raw.workflowExecutionInfo ?? {};
    builds.unshift(versioningInfo?.deploymentVersion?.buildId ?? '');
    const { events } = await here.temporal.workflow.getHandle(workflowId, next).fetchHistory();
    next = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return builds;
};

async function syncOf(name: string, rows: number): Promise<void> {
  await here.warehouse.query(
    `create table ${name} as select '${name}-' || g as id, 'A' as plan from generate_series(1, ${rows}) g`,
  );
  await here.sync(name, `select id as user_id, plan from ${name}`, { lanes: 1 });
}

it(
  'by the commands of the page: a run ends on the build that began it, a long one moves on, new ones begin on the new build',
  async () => {
    await syncOf('short', 1000);
    await syncOf('long', 40_000);
    await syncOf('later', 10);
    const older = await startBuild('0.2.0');
    await asTold('set-current-version', '0.2.0');

    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let waiting = 0;
    here.receiver.respond(async (): Promise<Answer> => {
      waiting += 1;
      await opened;
      return 'accept';
    });
    const [short, long] = [await here.backhaul.syncs.run('short'), await here.backhaul.syncs.run('long')];
    await until(async () => waiting >= 2);

    const newer = await startBuild('0.3.0');
    await asTold('set-ramping-version', '0.3.0');
    await asTold('set-current-version', '0.3.0');
    open();
    expect(await short.result()).toMatchObject({ status: 'completed', messages: { accepted: 1000 } });
    expect(await long.result()).toMatchObject({ status: 'completed', messages: { accepted: 40_000 } });
    expect(await here.run('later')).toMatchObject({ status: 'completed', messages: { accepted: 10 } });

    expect(await buildsOf('short')).toEqual(['0.2.0']);
    expect(await buildsOf('later')).toEqual(['0.3.0']);
    const moved = await buildsOf('long');
    expect([moved[0], moved.at(-1)]).toEqual(['0.2.0', '0.3.0']);
    expect(here.receiver.users().size).toBe(41_010);
    expect(await asTold('describe-version', '0.2.0')).toMatch(/drain/i);

    // Nothing of the old build is going on: its workers can go.
    await older.stop();
    for await (const { status } of here.temporal.workflow.list({
      query: `TemporalWorkerDeploymentVersion = '${deployment}:0.2.0' and ExecutionStatus = 'Running'`,
    }))
      expect(status.code).not.toBe(RUNNING);
    await here.backhaul.connections.check('warehouse');
    await newer.stop();
  },
  PATIENCE_MS,
);
