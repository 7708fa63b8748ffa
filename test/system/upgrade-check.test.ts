import { afterAll, expect, it } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { UpgradeCheck } from '../../client/upgrade-check/upgrade-check.ts';
import { alertsScheduleId } from '../../vocabulary/installation.ts';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation } from '../support/installation.ts';

const PATIENCE_MS = 120_000;
const START_TIMER = 3;

const here = await openInstallation({ env: { CHAT_URL: 'http://127.0.0.1:1/' } });
afterAll(() => here.close());

/** Exit code, and what each check came to; all that it says when nothing is asked of it. */
async function checkUpgrade(): Promise<{ code: unknown; verdicts: Record<string, string>; says: string }> {
  const { code, err, json, out } = await backhaul(['upgrade-check', '--json'], { env: here.env });
  const { checks } = json() as Partial<UpgradeCheck>;
  if (checks === undefined) throw new Error(`${out}${err}`);
  return {
    code,
    verdicts: Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict])),
    says: checks.flatMap(({ says }) => says).join('\n'),
  };
}

/** A run whose first step was another one than this version takes. */
async function runOfOtherCode(): Promise<{ terminate(): Promise<unknown> }> {
  const taskQueue = `${here.env.BACKHAUL_INSTALLATION}/backhaul`;
  const handle = await here.temporal.workflow.start('syncRun', {
    workflowId: `${here.env.BACKHAUL_INSTALLATION}/sync/other`,
    taskQueue,
    args: [{ sync: 'other' }],
  });
  const { workflowService } = here.temporal;
  // A poll has to say how long it waits.
  const { taskToken } = await here.temporal.withDeadline(Date.now() + PATIENCE_MS / 2, () =>
    workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: taskQueue } }),
  );
  await workflowService.respondWorkflowTaskCompleted({
    namespace: 'default',
    taskToken,
    commands: [
      {
        commandType: START_TIMER,
        startTimerCommandAttributes: { timerId: '1', startToFireTimeout: msToTs('1 hour') },
      },
    ],
  });
  return handle;
}

it(
  'passes where nothing is in the way, and names what is, one by one',
  async () => {
    const other = await runOfOtherCode();
    expect(await checkUpgrade()).toMatchObject({
      code: 1,
      verdicts: { openRuns: 'fails' },
      says: expect.stringContaining('sync/other does not replay') as unknown,
    });
    await other.terminate();

    await here.warehouse.query(`create table users as select g as id from generate_series(1, 10) g`);
    await here.sync('users', `select id as user_id, 'A' as plan from users`);
    await here.startWorker();
    const { asked, letGo } = holdAnswers(here.receiver);
    const handle = await here.backhaul.syncs.run('users');
    await asked;
    expect(await checkUpgrade()).toEqual({
      code: 0,
      verdicts: {
        ledger: 'passes',
        temporal: 'passes',
        searchAttributes: 'passes',
        openRuns: 'passes',
        deployment: 'passes',
        definitions: 'passes',
        schedules: 'passes',
      },
      says: expect.stringContaining('1 replay with this version') as unknown,
    });
    letGo();
    await handle.result();

    await here.define({
      connections: { chat: { type: 'slack', webhookUrl: '${CHAT_URL}' } },
      alerts: { ends: { to: ['chat'], when: { failed: true } } },
    });
    await here.temporal.schedule.getHandle(alertsScheduleId(here.env.BACKHAUL_INSTALLATION ?? '')).delete();
    expect(await checkUpgrade()).toMatchObject({
      code: 0,
      verdicts: { schedules: 'warns' },
      says: expect.stringContaining('that of the alerts is not as they need it (schedule)') as unknown,
    });

    await here.ledger.query(`delete from backhaul.kysely_migration where name = '0008-schedules'`);
    await here.ledger.query('drop table backhaul.schedules');
    const older = await checkUpgrade();
    expect(older).toMatchObject({ code: 0, verdicts: { ledger: 'passes', schedules: 'warns' } });
    expect(older.says).toContain('applies 0008-schedules');

    await here.ledger.query(
      `update backhaul.definitions set document = document || '{"lanes": 0}' where kind = 'sync' and name = 'users'`,
    );
    expect(await checkUpgrade()).toMatchObject({ code: 1, verdicts: { definitions: 'fails' } });

    await here.ledger.query(
      `insert into backhaul.kysely_migration (name, timestamp) values ('9999-breaking-all', '')`,
    );
    expect(await checkUpgrade()).toMatchObject({ code: 1, verdicts: { ledger: 'fails' } });
  },
  PATIENCE_MS,
);
