import { afterAll, expect, it } from '@jest/globals';
import { openInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

const PATIENCE_MS = 180_000;
const ROWS = 25_000;

const here = await openInstallation();
afterAll(() => here.close());

/** Which task queue each kind of step of a run was for, without the name of the installation's. */
async function queuesOf(name: string, { env, temporal } = here): Promise<Record<string, string>> {
  const workflowId = `${env.BACKHAUL_INSTALLATION}/sync/${name}`;
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const steps = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: step }) =>
    step == null
      ? []
      : [[step.activityType?.name ?? '', step.taskQueue?.name?.split('/').slice(1).join('/') ?? '']],
  );
  return Object.fromEntries(steps) as Record<string, string>;
}

it(
  'a run leaves its steps to workers of their roles, says when one is missing, and ends once it is there',
  async () => {
    for (const name of ['split', 'plain']) {
      await here.warehouse.query(
        `create table ${name} as select '${name}-' || g as id, 'A' as plan from generate_series(1, ${ROWS}) g`,
      );
      await here.sync(name, `select id as user_id, plan from ${name}`);
    }
    const planner = await here.startWorker({ BACKHAUL_ROLES: 'plan' });
    const handle = await here.backhaul.syncs.run('split');
    const { retrying } = await until(async () => {
      const run = await handle.get();
      return run.retrying !== null && run;
    }, PATIENCE_MS / 2);
    expect(retrying).toMatchObject({
      code: 'no_worker',
      message: expect.stringContaining('/send') as unknown,
    });
    expect(planner.log()).toContain('no worker of the role send is there');

    // One without roles serves those of others too.
    const any = await here.startWorker();
    expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: ROWS } });
    expect(any.log()).toContain('this one serves all of them');
    expect(await queuesOf('split')).toEqual({
      openRun: 'backhaul',
      validateConnection: 'backhaul/plan',
      runModel: 'backhaul/plan',
      paginate: 'backhaul/plan',
      map: 'backhaul/send',
      sendBatch: 'backhaul/send',
      recordResult: 'backhaul/plan',
    });
    await any.stop();

    const sender = await here.startWorker({ BACKHAUL_ROLES: 'send' });
    expect(await here.run('plain')).toMatchObject({ status: 'completed', messages: { accepted: ROWS } });
    await here.backhaul.connections.check('warehouse');
    expect(await here.backhaul.models.preview('plain', { limit: 1 })).toMatchObject({ rows: [{}] });
    await Promise.all([planner.stop(), sender.stop()]);
  },
  PATIENCE_MS,
);

it(
  'what was left to roles is done by a worker without, when nobody has one; new runs leave nothing to them',
  async () => {
    const alone = await openInstallation();
    try {
      await alone.warehouse.query(
        `create table t as select 'u' || g as id, 'A' as plan from generate_series(1, 10) g`,
      );
      await alone.sync('later', 'select id as user_id, plan from t');
      // As it was begun while there were workers with roles.
      const left = await alone.temporal.workflow.start('checkConnection', {
        taskQueue: `${alone.env.BACKHAUL_INSTALLATION}/backhaul`,
        workflowId: `${alone.env.BACKHAUL_INSTALLATION}/check/left`,
        args: [{ connection: 'warehouse', roles: true }],
      });
      const worker = await alone.startWorker();
      expect(await left.result()).toMatchObject({ warnings: [expect.anything()] });
      expect(worker.log()).toContain('steps wait for workers with roles, and there are none');
      expect(await alone.run('later')).toMatchObject({ status: 'completed', messages: { accepted: 10 } });
      expect(new Set(Object.values(await queuesOf('later', alone)))).toEqual(new Set(['backhaul']));
    } finally {
      await alone.close();
    }
  },
  PATIENCE_MS,
);
