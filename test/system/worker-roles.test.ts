import { afterAll, expect, it } from '@jest/globals';
import { openInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

const PATIENCE_MS = 180_000;
const ROWS = 25_000;

const here = await openInstallation();
afterAll(() => here.close());

/** Which task queue each kind of step of a run was for, without the name of the installation's. */
async function queuesOf(name: string): Promise<Record<string, string>> {
  const workflowId = `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`;
  const { events } = await here.temporal.workflow.getHandle(workflowId).fetchHistory();
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
