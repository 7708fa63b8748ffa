import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());
beforeEach(() => {
  here.receiver.reset();
  here.receiver.respond(null);
});

let syncs = 0;
async function syncOf(rows: number, fields: object = {}): Promise<string> {
  const name = `control_${++syncs}`;
  await here.warehouse.query(
    `create table ${name} as select '${name}-' || g as id, 'A' as plan from generate_series(1, ${rows}) g`,
  );
  await here.sync(name, `select id as user_id, plan from ${name}`, fields);
  return name;
}
const workflowOf = (name: string) =>
  here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/sync/${name}`);
const holding = () => holdAnswers(here.receiver);

describe('a run that is started', () => {
  it('twice at once runs once', async () => {
    const name = await syncOf(3000);
    const handles = await Promise.all([1, 2, 3, 4].map(() => here.backhaul.syncs.run(name)));
    expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
    expect(handles.map(({ how }) => how).sort()).toEqual(['attached', 'attached', 'attached', 'started']);
    for (const handle of handles)
      expect(await handle.result()).toMatchObject({ status: 'completed', number: 1 });
    expect(here.receiver.counts()).toMatchObject({ accepted: 3000, duplicates: 0 });
    expect(await here.backhaul.runs.list({ sync: name })).toHaveLength(1);
  });

  it('while one with other arguments goes on is recorded as skipped', async () => {
    const name = await syncOf(10);
    const { asked, letGo } = holding();
    const first = await here.backhaul.syncs.run(name);
    await asked;
    const other = await here.backhaul.syncs.run(name, { full: true });
    expect(await other.result()).toMatchObject({
      status: 'skipped',
      number: null,
      error: { code: 'run_in_progress', message: expect.stringContaining(first.id) },
    });
    const refused = await here.backhaul.syncs.run(name, { ifRunning: 'fail' });
    expect(await refused.result()).toMatchObject({ status: 'skipped' });
    letGo();
    expect(await first.result()).toMatchObject({ status: 'completed' });
    expect((await here.backhaul.runs.list({ sync: name })).map(({ status }) => status)).toEqual([
      'skipped',
      'skipped',
      'completed',
    ]);
  });

  it('with an idempotency key again is the same run, also when it has ended', async () => {
    const name = await syncOf(10);
    const [first, second] = await Promise.all(
      [1, 2].map(() => here.backhaul.syncs.run(name, { idempotencyKey: 'monday' })),
    );
    expect(await first?.result()).toMatchObject({ status: 'completed' });
    expect(second?.id).toBe(first?.id);
    const third = await here.backhaul.syncs.run(name, { idempotencyKey: 'monday' });
    expect(third).toMatchObject({ id: first?.id, how: 'existing' });
    expect(await third.result()).toMatchObject({ id: first?.id, number: 1, status: 'completed' });
    await expect(
      here.backhaul.syncs.run(name, { idempotencyKey: 'monday', full: true }),
    ).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect(await here.run(name, { idempotencyKey: 'tuesday' })).toMatchObject({ number: 2 });
    await expect(here.backhaul.syncs.run(name, { idempotencyKey: '' })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('with an idempotency key and not to run beside another is no hindrance to itself', async () => {
    const alone = await openInstallation();
    try {
      await alone.warehouse.query("create table t as select 'u' as id, 1 as n");
      await alone.sync('t', 'select id as user_id, n from t');
      const options = { idempotencyKey: 'monday', ifRunning: 'fail' } as const;
      const { id } = await alone.backhaul.syncs.run('t', options);
      expect(await alone.backhaul.syncs.run('t', options)).toMatchObject({ id, how: 'existing' });
      const other = alone.backhaul.syncs.run('t', { ...options, full: true });
      await expect(other).rejects.toMatchObject({ code: 'idempotency_conflict' });
    } finally {
      await alone.close();
    }
  });

  it('by any Temporal client is a run like any other', async () => {
    const name = await syncOf(10);
    const handle = await here.temporal.workflow.start('syncRun', {
      workflowId: workflowOf(name).workflowId,
      taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
      args: [{ sync: name, full: false, review: false, idempotencyKey: null }],
    });
    expect(await handle.result()).toMatchObject({
      id: handle.firstExecutionRunId,
      sync: name,
      status: 'completed',
      messages: { accepted: 10 },
    });
    expect(await here.backhaul.runs.get(handle.firstExecutionRunId)).toMatchObject({
      status: 'completed',
      number: 1,
    });
  });

  it('under another workflow id is refused', async () => {
    const name = await syncOf(10);
    const starting = here.temporal.workflow.execute('syncRun', {
      workflowId: `${here.env.BACKHAUL_INSTALLATION}/my-own-id`,
      taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
      args: [{ sync: name }],
    });
    await expect(starting).rejects.toMatchObject({
      cause: { type: 'workflow_id_mismatch', nonRetryable: true },
    });
    expect(await here.backhaul.runs.list({ sync: name })).toEqual([]);
  });

  it('for a sync that is not known is refused', async () => {
    await expect(here.backhaul.syncs.run('nowhere')).rejects.toMatchObject({ code: 'sync_not_found' });
  });

  it('is queued as long as no worker picks it up', async () => {
    const alone = await openInstallation();
    try {
      await alone.warehouse.query("create table t as select 'u' as id, 1 as n");
      await alone.sync('t', 'select id as user_id, n from t');
      const handle = await alone.backhaul.syncs.run('t');
      expect(await handle.get()).toMatchObject({ id: handle.id, status: 'queued', number: null });
      let found: { id: string; sync: string } | undefined;
      // Temporal lists a workflow a moment after its start.
      while (found === undefined) found = await alone.backhaul.runs.handle(handle.id).catch(() => undefined);
      expect(found).toMatchObject({ id: handle.id, sync: 't' });
      expect(await alone.backhaul.runs.get(handle.id)).toMatchObject({ status: 'queued' });
      await expect(alone.backhaul.connections.check('warehouse')).rejects.toMatchObject({
        code: 'no_worker',
      });
      await alone.startWorker();
      expect(await handle.result()).toMatchObject({ status: 'completed' });
    } finally {
      await alone.close();
    }
  });
});

describe('a run that goes on', () => {
  it('that is cancelled finishes what is in flight, and the state keeps it', async () => {
    const name = await syncOf(30_000, { lanes: 2 });
    const { asked, letGo } = holding();
    const handle = await here.backhaul.syncs.run(name);
    await asked;
    await handle.cancel();
    await delay(1500);
    letGo();
    const run = await handle.result();
    expect(run).toMatchObject({ status: 'cancelled', error: null });
    const accepted = here.receiver.counts().accepted;
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(30_000);
    expect(run.messages.accepted).toBe(accepted);
    expect(await here.run(name)).toMatchObject({ messages: { planned: 30_000 - accepted } });
    expect(here.receiver.counts()).toMatchObject({ accepted: 30_000, duplicates: 0 });
    await expect(workflowOf(name).result()).resolves.toMatchObject({ status: 'completed' });
  });

  it('that is paused takes no page until it is resumed', async () => {
    const name = await syncOf(50_000, { lanes: 1 });
    const handle = await here.backhaul.syncs.run(name);
    let requests = 0;
    const sending = new Promise<void>((resolve) => {
      here.receiver.respond(() => {
        requests += 1;
        resolve();
        return { delayMs: 100 };
      });
    });
    await sending;
    await handle.pause();
    expect(await handle.get()).toMatchObject({ status: 'paused' });
    for (let before = -1; before !== requests; await delay(1000)) before = requests;
    const reached = here.receiver.counts().accepted;
    expect(reached).toBeLessThan(50_000);
    expect(await handle.get()).toMatchObject({ status: 'paused', messages: { accepted: reached } });
    await handle.resume();
    expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 50_000 } });
    for (const steer of [handle.pause, handle.resume]) {
      await expect(steer()).rejects.toMatchObject({ code: 'run_ended' });
    }
  });

  it('refuses an update that is meant for another run', async () => {
    const name = await syncOf(10);
    const { asked, letGo } = holding();
    const handle = await here.backhaul.syncs.run(name);
    await asked;
    const updating = workflowOf(name).executeUpdate('pause', { args: [{ run: 'another' }] });
    await expect(updating).rejects.toMatchObject({ cause: { type: 'run_not_found' } });
    letGo();
    expect(await handle.result()).toMatchObject({ status: 'completed' });
  });

  it('answers how far it is, and shows it in the Temporal UI', async () => {
    const name = await syncOf(20_000, { lanes: 1 });
    const { asked, letGo } = holding();
    const handle = await here.backhaul.syncs.run(name);
    await asked;
    expect(await workflowOf(name).query('progress')).toMatchObject({
      id: handle.id,
      sync: name,
      status: 'working',
      mode: 'full',
      rows: { read: 20_000, added: 20_000 },
      messages: { planned: 20_000 },
    });
    const listed = [];
    for (let tries = 0; listed.length === 0 && tries < 50; tries++) {
      const query = `BackhaulSync = '${name}' and BackhaulStatus = 'working' and BackhaulMode = 'full' and BackhaulInstallation = '${here.env.BACKHAUL_INSTALLATION}'`;
      for await (const workflow of here.temporal.workflow.list({ query })) listed.push(workflow.workflowId);
      await delay(100);
    }
    expect(listed).toEqual([workflowOf(name).workflowId]);
    letGo();
    await handle.result();
    const { events } = await workflowOf(name).fetchHistory();
    const summaries = (events ?? []).flatMap(({ userMetadata }) =>
      userMetadata?.summary?.data == null
        ? []
        : [JSON.parse(Buffer.from(userMetadata.summary.data).toString('utf8')) as string],
    );
    expect(summaries).toEqual(
      expect.arrayContaining([
        `${name} run 1`,
        '20,000 rows',
        'page 0',
        expect.stringMatching(/^page 0 · \d batches · 10,000 events$/),
        `${name} run 1: completed`,
      ]),
    );
    const types = new Set(
      (events ?? []).flatMap(
        ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
      ),
    );
    for (const type of ['validateConnection', 'runModel', 'paginate', 'map', 'sendBatch', 'recordResult'])
      expect(types).toContain(type);
  });

  it('says what it is held up by', async () => {
    const name = await syncOf(10);
    let letGo = false;
    here.receiver.respond(() => (letGo ? 'accept' : { status: 502 }));
    const handle = await here.backhaul.syncs.run(name);
    let run = await handle.get();
    while (run.retrying === null) run = await handle.get();
    expect(run).toMatchObject({
      status: 'working',
      error: null,
      retrying: { code: 'segment_unavailable', message: expect.stringContaining('HTTP 502') },
    });
    letGo = true;
    expect(await handle.result()).toMatchObject({ status: 'completed', retrying: null });
  });

  it('that makes no progress for its limit fails, and keeps what was accepted', async () => {
    const name = await syncOf(20_000, { lanes: 1, limits: { noProgress: '3s' } });
    let requests = 0;
    here.receiver.respond(() => {
      requests += 1;
      return requests < 3 ? 'accept' : { status: 500 };
    });
    const run = await here.run(name);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'no_progress' } });
    expect(run.messages.accepted).toBe(here.receiver.counts().accepted);
    here.receiver.respond(null);
    expect(await here.run(name)).toMatchObject({ status: 'completed' });
    expect(here.receiver.users().size).toBe(20_000);
  });

  it('that lasts longer than its limit fails, and keeps what was accepted', async () => {
    const name = await syncOf(50_000, { lanes: 1, limits: { runtime: '3s' } });
    here.receiver.respond(() => ({ delayMs: 400 }));
    const run = await here.run(name);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'run_too_long' } });
    expect(run.messages.accepted).toBe(here.receiver.counts().accepted);
    here.receiver.respond(null);
    await here.sync(name, `select id as user_id, plan from ${name}`);
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      messages: { planned: 50_000 - run.messages.accepted },
    });
  });

  it('and grows long continues as new, and stays one run: paused or not, cancelled or not', async () => {
    const name = await syncOf(250_000);
    const handle = await here.backhaul.syncs.run(name);
    const continued = async (): Promise<boolean> => (await workflowOf(name).describe()).runId !== handle.id;
    while (!(await continued())) await delay(50);
    await handle.pause();
    expect(await workflowOf(name).query('progress')).toMatchObject({
      id: handle.id,
      number: 1,
      status: 'paused',
      rows: { added: 250_000 },
    });
    await handle.resume();
    expect(await handle.result()).toMatchObject({
      id: handle.id,
      status: 'completed',
      messages: { planned: 250_000, accepted: 250_000 },
    });
    expect(here.receiver.counts()).toMatchObject({ accepted: 250_000, duplicates: 0 });
    expect(await here.backhaul.runs.list({ sync: name })).toHaveLength(1);

    const full = await here.backhaul.syncs.run(name, { full: true });
    while ((await workflowOf(name).describe()).runId === full.id) await delay(50);
    await full.cancel();
    const run = await full.result();
    expect(run).toMatchObject({ id: full.id, status: 'cancelled' });
    expect(run.messages.accepted).toBe(here.receiver.counts().accepted - 250_000);
  });
});
