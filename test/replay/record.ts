/**
 * Records the histories that replay.test.ts replays: `npm run record-histories`, from the code of a release, never from
 * the branch whose changes they are to judge.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { noDefinitions } from '../../definitions/schema.ts';
import { product } from '../../vocabulary/product.ts';
import type { Run } from '../../vocabulary/run.ts';
import type { RunHandle, RunOptions } from '../../client/index.ts';
import { startChannel } from '../support/channel.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { digestsOf, FROZEN } from './frozen.ts';

/**
 * One folder a version: those of earlier ones stay, for as long as a run of theirs may still go on. RECORD_AS names another,
 * for what no release has yet: `RECORD_AS=unreleased npm run record-histories -- -t waits`.
 */
const FOLDER = fileURLToPath(
  new URL(`./histories/${process.env.RECORD_AS ?? product.version}/`, import.meta.url),
);

let here: TestInstallation;
beforeAll(async () => {
  // A version has the histories that it was released with, and no others.
  if (existsSync(`${FOLDER}${FROZEN}`)) throw new Error(`${FOLDER} is frozen: set the next version first`);
  here = await openInstallation({ env: { BACKHAUL_INSTALLATION: 'recorded' } });
  await here.startWorker();
  await mkdir(FOLDER, { recursive: true });
});
afterAll(async () => {
  await here.close();
  // All of a version are there now: with `-t` only some were made, and of what is unreleased more will come.
  if (process.env.RECORD_AS !== undefined || process.argv.includes('-t')) return;
  await writeFile(`${FOLDER}${FROZEN}`, `${JSON.stringify(digestsOf(FOLDER), null, 1)}\n`);
});

/** Who ran it and where are no part of what is replayed. */
const anonymous = (json: string): string =>
  json
    .replace(/"identity": *"[^"]*"/g, '"identity": "recorded"')
    .replace(/"stackTrace": *"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');

async function record(scenario: string, workflowId: string, runId: string): Promise<void> {
  const history = await here.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const parsed = JSON.parse(anonymous(historyToJSON(history))) as object;
  await writeFile(
    `${FOLDER}${scenario}.json`,
    `${JSON.stringify({ workflowId, history: parsed }, null, 1)}\n`,
  );
}

async function syncOf(name: string, rows: number, fields: object = {}): Promise<void> {
  await here.warehouse.query(
    `create table ${name} as select '${name}' || g as id, 'A' as plan from generate_series(1, ${rows}) g`,
  );
  await here.sync(name, `select id as user_id, plan from ${name}`, fields);
}

it('records', async () => {
  const idOf = (name: string): string => `recorded/sync/${name}`;

  await syncOf('plain', 30_000);
  const first = await here.run('plain');
  await record('full', idOf('plain'), first.id);
  const second = await here.run('plain');
  await record('nothing-changed', idOf('plain'), second.id);

  await syncOf('held', 10);
  let asked = 0;
  here.receiver.respond(() =>
    (asked += 1) === 1 ? { status: 429, headers: { 'retry-after': '11' } } : 'accept',
  );
  await record('held', idOf('held'), (await here.run('held')).id);

  await syncOf('retried', 10);
  asked = 0;
  here.receiver.respond(() => ((asked += 1) === 1 ? { status: 500 } : 'accept'));
  await record('retried', idOf('retried'), (await here.run('retried')).id);

  await syncOf('refused', 10);
  here.receiver.respond(() => ({ status: 403 }));
  await record('segment-refused', idOf('refused'), (await here.run('refused')).id);

  here.receiver.respond(null);
  await here.sync('missing', 'select id as user_id from nowhere');
  await record('table-missing', idOf('missing'), (await here.run('missing')).id);

  here.receiver.respond(() => ({ delayMs: 200 }));
  await syncOf('slow', 50_000, { limits: { runtime: '3s' }, lanes: 2 });
  await record('too-long', idOf('slow'), (await here.run('slow')).id);

  await syncOf('paused', 50_000, { lanes: 2 });
  const paused = await here.backhaul.syncs.run('paused');
  while ((await paused.get()).requests === 0) await delay(50);
  await paused.pause();
  await paused.resume();
  expect(await paused.result()).toMatchObject({ status: 'completed' });
  await record('paused', idOf('paused'), paused.id);

  const cancelled = await here.backhaul.syncs.run('paused', { full: true });
  while ((await cancelled.get()).requests === 0) await delay(50);
  await cancelled.cancel();
  expect(await cancelled.result()).toMatchObject({ status: 'cancelled' });
  await record('cancelled', idOf('paused'), cancelled.id);

  const terminated = await here.backhaul.syncs.run('paused', { full: true });
  while ((await terminated.get()).requests === 0) await delay(50);
  await here.temporal.workflow.getHandle(idOf('paused')).terminate();
  here.receiver.respond(null);
  await record('settles-an-earlier-run', idOf('paused'), (await here.run('paused')).id);
  expect(terminated.id).not.toBe(cancelled.id);

  await syncOf('long', 250_000);
  const long = await here.run('long');
  expect(long).toMatchObject({ status: 'completed' });
  await record('continues-as-new', idOf('long'), long.id);
  await record(
    'continued',
    idOf('long'),
    (await here.temporal.workflow.getHandle(idOf('long')).describe()).runId,
  );

  await here.backhaul.connections.check('warehouse');
  await here.backhaul.models.preview('plain');
  for (const type of ['checkConnection', 'preview']) {
    for (let recorded = false; !recorded;) {
      for await (const { runId, workflowId } of here.temporal.workflow.list({
        query: `WorkflowType = '${type}'`,
      })) {
        await record(type, workflowId, runId);
        recorded = true;
      }
    }
  }
}, 600_000);

it('records runs that a person waits for, and recaps', async () => {
  const idOf = (name: string): string => `recorded/sync/${name}`;
  const waiting = async (name: string, options: RunOptions): Promise<RunHandle> => {
    const handle = await here.backhaul.syncs.run(name, options);
    await until(async () => (await handle.get()).status === 'awaiting_approval');
    return handle;
  };

  await syncOf('reviewed', 25_000, { lanes: 2 });
  const approved = await waiting('reviewed', { review: true });
  await approved.pause();
  await approved.resume();
  await approved.approve();
  expect(await approved.result()).toMatchObject({ status: 'completed' });
  await record('approved', idOf('reviewed'), approved.id);

  const declined = await waiting('reviewed', { full: true, review: true });
  await here.temporal.workflow.getHandle(idOf('reviewed')).signal('decline', { run: declined.id });
  expect(await declined.result()).toMatchObject({ status: 'cancelled' });
  await record('declined', idOf('reviewed'), declined.id);

  await syncOf('expiring', 10, { approvalAbove: { added: 1 }, approvalExpires: '2s' });
  await record('approval-expired', idOf('expiring'), (await here.run('expiring')).id);

  await syncOf('watched', 10, { approvalAbove: { invalid: 1 } });
  await record('mapped-ahead', idOf('watched'), (await here.run('watched')).id);

  const long = await waiting('reviewed', { full: true, review: true });
  const workflow = here.temporal.workflow.getHandle(idOf('reviewed'));
  while ((await workflow.describe()).runId === long.id) {
    await long.pause();
    await long.resume();
  }
  await record('waits-over-executions', idOf('reviewed'), long.id);
  await long.approve();
  expect(await long.result()).toMatchObject({ status: 'completed' });
  await record('waited-over-executions', idOf('reviewed'), (await workflow.describe()).runId);

  await here.backhaul.syncs.recap('reviewed');
  const { runId } = await here.temporal.workflow.getHandle('recorded/recap/reviewed').describe();
  await record('recap', 'recorded/recap/reviewed', runId);
}, 600_000);

it('records what starts by itself, what follows a run, and checks', async () => {
  const taskQueue = 'recorded/backhaul';
  const fields = { destination: 'segment', key: { from: 'user_id', to: 'userId' } };
  await here.warehouse.query(
    `create table turn as select 'turn' || g as id, 'A' as plan from generate_series(1, 10) g`,
  );
  await here.define({
    models: { turn: { connection: 'warehouse', sql: 'select id as user_id, plan from turn' } },
    syncs: {
      turn: { model: 'turn', properties: 'all', ...fields },
      follower: { model: 'turn', after: ['turn'], ...fields },
    },
  });
  const turn = (workflowId: string): Promise<WorkflowHandle> =>
    here.temporal.workflow.start('scheduledSync', {
      workflowId,
      taskQueue,
      args: [{ sync: 'turn', installation: 'recorded' }],
    });

  const first = await turn('recorded/scheduled/turn-1');
  const { id } = (await first.result()) as Run;
  await record('scheduled', first.workflowId, (await first.describe()).runId);
  const after = here.temporal.workflow.getHandle(`recorded/after/${id}`);
  await until(async () => (await after.describe()).status.name === 'COMPLETED');
  await record('after-run', after.workflowId, (await after.describe()).runId);

  here.receiver.respond(() => ({ delayMs: 1000 }));
  await here.warehouse.query(`update turn set plan = 'B'`);
  const busy = await here.backhaul.syncs.run('turn');
  const skipped = await turn('recorded/scheduled/turn-2');
  expect(await skipped.result()).toMatchObject({ status: 'skipped' });
  await record('scheduled-skipped', skipped.workflowId, (await skipped.describe()).runId);
  await busy.result();
  here.receiver.respond(null);

  const check = async (scenario: string, connection: string): Promise<void> => {
    const workflowId = `recorded/${scenario}`;
    await here.temporal.workflow
      .execute('checkConnection', { workflowId, taskQueue, args: [{ connection }] })
      .catch(() => undefined);
    await record(scenario, workflowId, (await here.temporal.workflow.getHandle(workflowId).describe()).runId);
  };
  await check('check-passed', 'segment');
  await check('check-failed', 'nowhere');
}, 600_000);

it('records what alerts do', async () => {
  const channel = await startChannel();
  await here.warehouse.query(`create table told as select 'told1' as id`);
  await here.define({
    connections: {
      hook: {
        type: 'webhook',
        url: channel.url,
        signingSecret: `whsec_${randomBytes(32).toString('base64')}`,
      },
    },
    models: { told: { connection: 'warehouse', sql: 'select id as user_id from told' } },
    syncs: {
      told: {
        model: 'told',
        properties: 'all',
        destination: 'segment',
        key: { from: 'user_id', to: 'userId' },
      },
    },
    alerts: { told: { to: ['hook'], syncs: ['told'], when: { finished: true } } },
  });
  const ended = async (scenario: string, workflowId: string): Promise<void> => {
    const handle = here.temporal.workflow.getHandle(workflowId);
    await until(async () => (await handle.describe()).status.name !== 'RUNNING');
    await record(scenario, workflowId, (await handle.describe()).runId);
  };
  for (const [scenario, status] of [
    ['notified', 200],
    ['not-delivered', 404],
  ] as const) {
    channel.answer(status);
    const { id } = await here.run('told', { full: true });
    await until(async () => (await here.backhaul.alerts.notifications({ status: 'waiting' })).length === 0);
    await until(async () => (await here.backhaul.alerts.notifications({ sync: 'told' }))[0]?.run === id);
    const [told] = await here.backhaul.alerts.notifications({ sync: 'told' });
    await ended(scenario, `recorded/notify/${told?.id}`);
    if (scenario === 'not-delivered') continue;
    await ended('after-run-alerts', `recorded/after/${id}`);
    await ended('looked-at-alerts', `recorded/alerts/${id}`);
  }
  await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
  await channel.close();
}, 600_000);
