import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openConnection } from '../../client/environment.ts';
import { runHandle } from '../../client/run-handle.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());

const ONE_TOO_LARGE = "select 'u1' as user_id, 'x' as plan union all select 'u2', repeat('y', 40000)";
const workflowId = (name: string): string => `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`;

it('a mapping that failed on its way to the ledger still writes its invalid rows', async () => {
  await here.sync('failing', ONE_TOO_LARGE);
  await here.ledger.query(`
    create sequence backhaul.once;
    create function backhaul.fail_once() returns trigger language plpgsql as $$
      begin if nextval('backhaul.once') = 1 then raise exception 'once'; end if; return new; end $$;
    create trigger fail_once before insert on backhaul.fault_counts for each row execute function backhaul.fail_once()`);
  const run = await here.run('failing');
  await here.ledger.query('drop trigger fail_once on backhaul.fault_counts');
  expect(run).toMatchObject({ status: 'completed', rows: { invalid: 1 } });
  expect((await here.backhaul.runs.get(run.id)).invalid).toEqual({ too_large: 1 });
});

it('a start that lost the race for an idempotency key tells of the run that the key gave', async () => {
  await here.sync('raced', "select 'u1' as user_id, 'x' as plan");
  const first = await here.run('raced', { idempotencyKey: 'k' });
  const loser = await here.temporal.workflow.start('syncRun', {
    workflowId: workflowId('raced'),
    taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
    args: [{ sync: 'raced', full: false, review: false, idempotencyKey: 'k' }],
  });
  const connection = await openConnection(here.env);
  try {
    const handle = runHandle(connection, 'raced', { run: loser.firstExecutionRunId, how: 'started' });
    expect(await handle.result()).toMatchObject({ id: first.id, status: 'completed', number: 1 });
  } finally {
    await connection.close();
  }
});

it('a run that was terminated counts the rows that only the mapping found invalid', async () => {
  await here.sync('terminated', ONE_TOO_LARGE);
  here.receiver.respond(() => ({ delayMs: 1500 }));
  const handle = await here.backhaul.syncs.run('terminated');
  while (
    (await here.ledger.query('select 1 from backhaul.posts where run_id = $1', [handle.id])).length === 0
  )
    await delay(20);
  await here.temporal.workflow.getHandle(workflowId('terminated')).terminate('test');
  here.receiver.respond(null);
  await delay(2500);
  await here.run('terminated');
  expect(await here.backhaul.runs.get(handle.id)).toMatchObject({
    status: 'failed',
    withErrors: true,
    rows: { added: 1, invalid: 1 },
    error: { code: 'run_terminated' },
  });
});

it('a run whose workflow is reset after its end changes nothing', async () => {
  await here.sync('reset', "select 'u1' as user_id, 'x' as plan");
  const run = await here.run('reset');
  await here.temporal.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: workflowId('reset'), runId: run.id },
    reason: 'test',
    requestId: run.id,
    workflowTaskFinishEventId: 4 as never,
  });
  await expect(here.temporal.workflow.getHandle(workflowId('reset')).result()).rejects.toMatchObject({
    cause: { type: 'run_superseded' },
  });
  expect(await here.run('reset')).toMatchObject({ status: 'completed', requests: 0 });
});
