import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { noDefinitions, type Definitions } from '../../definitions/schema.ts';
import type { Notification, RaisedAlert } from '../../vocabulary/alert.ts';
import type { ChannelMessage } from '../../vocabulary/channel-message.ts';
import { alertsScheduleId, notificationWorkflowId } from '../../vocabulary/installation.ts';
import { startChannel, type Channel, type ReceivedMessage } from '../support/channel.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

const SIGNING_SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let here: TestInstallation;
let channel: Channel;
beforeAll(async () => {
  channel = await startChannel();
  here = await openInstallation({
    env: { HOOK_SECRET: SIGNING_SECRET, CHAT_URL: `${channel.url}/chat`, HOOK_TOKEN: 'Bearer of-the-hook' },
  });
  await here.startWorker();
  await here.define({
    connections: {
      hook: {
        type: 'webhook',
        url: `${channel.url}/hook`,
        signingSecret: '${HOOK_SECRET}',
        authorization: '${HOOK_TOKEN}',
      },
      chat: { type: 'slack', webhookUrl: '${CHAT_URL}' },
    },
  });
});
afterAll(async () => {
  await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
  await here.close();
  await channel.close();
});
beforeEach(() => {
  here.receiver.reset();
  here.receiver.respond(null);
});
afterEach(() => {
  channel.received.splice(0);
});

let names = 0;
/** A sync of as many rows as its table has. */
async function syncOf(rows: number, fields: object = {}): Promise<string> {
  const name = `watched_${++names}`;
  await here.warehouse.query(
    `create table ${name} as select 'u' || g as id, 'A' as plan from generate_series(1, ${rows}) g`,
  );
  await here.sync(name, `select id as user_id, plan from ${name}`, fields);
  return name;
}
/** Alerts beside what is there already. */
async function giveAlerts(alerts: Definitions['alerts']): Promise<void> {
  const there = await here.backhaul.definitions.get();
  await (await here.backhaul.definitions.plan({ ...there, alerts: { ...there.alerts, ...alerts } })).apply();
}
/** An alert of that sync alone, under its name. */
const alertOn = (
  sync: string,
  when: Definitions['alerts'][string]['when'],
  fields: Partial<Definitions['alerts'][string]> = {},
): Promise<void> => giveAlerts({ [sync]: { to: ['hook'], syncs: [sync], recovered: true, when, ...fields } });

const handle = () => here.temporal.schedule.getHandle(alertsScheduleId(here.env.BACKHAUL_INSTALLATION ?? ''));
const toldOf = (sync: string): Promise<Notification[]> => here.backhaul.alerts.notifications({ sync });
const eventsOf = async (sync: string): Promise<string[]> =>
  (await toldOf(sync)).map(({ condition, event }) => `${condition} ${event}`).reverse();
/** What the webhook got of a sync. */
const messagesOf = (sync: string): ChannelMessage[] =>
  channel.received
    .filter(({ path }) => path === '/hook')
    .map(({ body }) => JSON.parse(body) as ChannelMessage)
    .filter(({ data }) => 'sync' in data && data.sync === sync);
const raisedOf = async (sync: string): Promise<RaisedAlert[]> =>
  (await here.backhaul.alerts.list()).filter((raised) => raised.sync === sync);

/** As the schedule does it each minute. */
const look = (): Promise<unknown> =>
  here.temporal.workflow.execute('lookAtAlerts', {
    workflowId: `${here.env.BACKHAUL_INSTALLATION}/look-${randomUUID()}`,
    taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
    args: [{}],
  });
const endsAs = async (sync: string, events: string[]): Promise<void> => {
  await until(async () => (await eventsOf(sync)).length >= events.length);
  expect(await eventsOf(sync)).toEqual(events);
};
/** As if all that is known of a definition had been applied so long ago. */
const age = (kind: string, name: string, by: string): Promise<unknown> =>
  here.ledger.query(
    'update backhaul.definitions set created_at = created_at - $3::interval where kind = $1 and name = $2',
    [kind, name, by],
  );
const failing = (sync: string): Promise<unknown> => here.run(sync).catch((error: unknown) => error);

describe('an alert', () => {
  it('tells of a failure once, and once that it is over', async () => {
    const sync = await syncOf(3);
    await alertOn(sync, { failed: true });
    await here.warehouse.query(`alter table ${sync} rename to gone`);
    await failing(sync);
    await failing(sync);
    await endsAs(sync, ['failed raised']);
    expect(await raisedOf(sync)).toMatchObject([
      { alert: sync, sync, condition: 'failed', message: expect.stringContaining('run 1 failed') },
    ]);
    await here.warehouse.query(`alter table gone rename to ${sync}`);
    await here.run(sync);
    await endsAs(sync, ['failed raised', 'failed recovered']);
    await here.run(sync);
    await look();
    expect(await eventsOf(sync)).toEqual(['failed raised', 'failed recovered']);
    expect(await raisedOf(sync)).toEqual([]);
  });

  it('comes signed, with the run as everyone sees it', async () => {
    const sync = await syncOf(3);
    await alertOn(sync, { finished: true });
    const run = await here.run(sync);
    await until(async () => messagesOf(sync).length === 1);
    const { body, headers } = channel.received.at(-1) as ReceivedMessage;
    const verified = new Webhook(SIGNING_SECRET).verify(body, headers as Record<string, string>);
    expect(verified).toMatchObject({
      type: 'run.finished',
      data: { alert: sync, sync, condition: 'finished', message: 'run 1 ended: completed', run },
    });
    expect(headers.authorization).toBe('Bearer of-the-hook');
    const [told] = await toldOf(sync);
    expect(headers['webhook-id']).toBe(told?.id);
    expect(() =>
      new Webhook(SIGNING_SECRET).verify(body.replace('run 1', 'run 2'), headers as Record<string, string>),
    ).toThrow('No matching signature');
  });

  it('tells of invalid and of rejected rows above what it allows', async () => {
    const sync = await syncOf(20, { limits: { rejected: '100%' } });
    await alertOn(sync, { invalid: '5%', rejected: 0 });
    await here.warehouse.query(`update ${sync} set id = null where id in ('u1', 'u2')`);
    here.receiver.respond(({ body }) => (body.includes('"u3"') ? { status: 400, body: '{}' } : 'accept'));
    await here.run(sync);
    await endsAs(sync, ['invalid raised', 'rejected raised']);
    await until(async () => messagesOf(sync).length === 2);
    expect(
      messagesOf(sync)
        .map(({ data }) => data.message)
        .sort(),
    ).toEqual([
      '1 of 18 messages of run 1 were rejected, told above 0',
      '2 of 20 rows of run 1 were invalid, told above 5%',
    ]);
    await here.warehouse.query(
      `update ${sync} set id = 'v' where id is null and ctid = (select min(ctid) from ${sync} where id is null)`,
    );
    here.receiver.respond(null);
    await here.run(sync);
    await endsAs(sync, ['invalid raised', 'rejected raised', 'invalid recovered', 'rejected recovered']);
  });

  it('tells of each run that sent all rows, and why it did', async () => {
    const sync = await syncOf(3);
    await alertOn(sync, { fullSync: true });
    await here.run(sync);
    await here.run(sync);
    const full = await here.run(sync, { full: true });
    await endsAs(sync, ['fullSync happened', 'fullSync happened']);
    await until(async () => messagesOf(sync).length === 2);
    expect(messagesOf(sync).at(-1)).toMatchObject({
      type: 'run.full_sync',
      data: { message: `run 3 sent all rows: ${full.modeReason}`, run: { id: full.id } },
    });
  });

  it('tells of a run that read far more or fewer rows than usual', async () => {
    const sync = await syncOf(10, { limits: { emptyResult: 'allow' } });
    await alertOn(sync, { rows: '50%' });
    for (let run = 0; run < 3; run += 1) await here.run(sync);
    await here.warehouse.query(`delete from ${sync} where id <> 'u1'`);
    await here.run(sync);
    await endsAs(sync, ['rows raised']);
    await until(async () => messagesOf(sync).length === 1);
    expect(messagesOf(sync)[0]?.data.message).toBe(
      'run 4 read 1 rows, and the median of the 3 before is 10, told above 50% off it',
    );
    await here.warehouse.query(`insert into ${sync} select 'v' || g, 'A' from generate_series(1, 8) g`);
    await here.run(sync);
    await endsAs(sync, ['rows raised', 'rows recovered']);
  });

  it('says nothing of syncs that it is not for, and no end where that is not wanted', async () => {
    const [one, other] = [await syncOf(1), await syncOf(1)];
    await giveAlerts({
      both: { to: ['hook'], syncs: [one, other], except: [other], when: { failed: true }, recovered: false },
    });
    for (const sync of [one, other]) {
      await here.warehouse.query(`alter table ${sync} rename to away_${sync}`);
      await failing(sync);
    }
    await endsAs(one, ['failed raised']);
    await here.warehouse.query(`alter table away_${one} rename to ${one}`);
    await here.run(one);
    await look();
    expect(await eventsOf(one)).toEqual(['failed raised']);
    expect(await eventsOf(other)).toEqual([]);
    expect(await raisedOf(one)).toEqual([]);
  });
});

describe('looking at the alerts', () => {
  it('tells that no run has completed for too long, and that one has', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { silence: '1s' });
    await until(async () => {
      await look();
      return (await eventsOf(sync)).length > 0;
    });
    expect(await eventsOf(sync)).toEqual(['silence raised']);
    await alertOn(sync, { silence: '1h' });
    await here.run(sync);
    await look();
    await endsAs(sync, ['silence raised', 'silence recovered']);
  });

  it('counts a silence from when the sync is there, and somebody asks for it', async () => {
    const [one, other] = [await syncOf(1), await syncOf(1)];
    await alertOn(one, { silence: '1h' });
    await age('alert', one, '400 days');
    await look();
    expect(await eventsOf(one)).toEqual([]);

    await age('sync', one, '365 days');
    await age('sync', other, '365 days');
    await alertOn(one, { silence: '1h' }, { syncs: [one, other] });
    await look();
    expect(await eventsOf(one)).toEqual(['silence raised']);
    expect((await toldOf(one))[0]?.message).toMatch(
      /^no run has completed in the 365d\S* that this is watched, /,
    );
    expect(await eventsOf(other)).toEqual([]);
  });

  it('says of no run that it completed when merely the limit of a silence is another', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { silence: '1h' });
    await age('alert', sync, '2 hours');
    await age('sync', sync, '2 hours');
    await look();
    expect(await eventsOf(sync)).toEqual(['silence raised']);
    await alertOn(sync, { silence: '1d' });
    await look();
    expect((await toldOf(sync))[0]?.message).toMatch(
      /^recovered \(silence\): no run has completed in the 2h that this is watched, told after 1d$/,
    );
  });

  it('counts a silence anew when a sync goes on after a pause', async () => {
    const sync = await syncOf(1, { schedule: { every: '30d' } });
    await alertOn(sync, { silence: '1h' });
    await age('alert', sync, '365 days');
    await age('sync', sync, '365 days');
    await here.backhaul.syncs.pause(sync);
    await look();
    await here.backhaul.syncs.resume(sync);
    await look();
    expect(await eventsOf(sync)).toEqual([]);

    const paused = await syncOf(1, { paused: true });
    await alertOn(paused, { silence: '1h' });
    await age('alert', paused, '365 days');
    await age('sync', paused, '365 days');
    await here.sync(paused, `select id as user_id, plan from ${paused}`);
    await look();
    expect(await eventsOf(paused)).toEqual([]);
  });

  it('tells nothing of runs that ended before an alert was for their sync', async () => {
    const [one, other] = [await syncOf(1), await syncOf(1)];
    await alertOn(one, { finished: true });
    await here.run(other);
    await alertOn(one, { finished: true }, { syncs: [one, other] });
    await look();
    expect(await eventsOf(other)).toEqual([]);
  });

  it('tells that a run takes too long while it still goes on', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { runtime: '1s' });
    const { letGo } = holdAnswers(here.receiver);
    const run = await here.backhaul.syncs.run(sync);
    await until(async () => {
      await look();
      return (await eventsOf(sync)).length > 0;
    });
    expect(await toldOf(sync)).toMatchObject([
      {
        condition: 'runtime',
        event: 'raised',
        run: run.id,
        message: expect.stringContaining('going on for'),
      },
    ]);
    letGo();
    await run.result();
    await alertOn(sync, { runtime: '1h' });
    await here.run(sync);
    await endsAs(sync, ['runtime raised', 'runtime recovered']);
  });

  it('tells that a run waits for a person', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { approval: true });
    const run = await here.backhaul.syncs.run(sync, { review: true });
    await until(async () => (await here.backhaul.runs.get(run.id)).status === 'awaiting_approval');
    await look();
    await endsAs(sync, ['approval raised']);
    await run.approve();
    await run.result();
    await look();
    await endsAs(sync, ['approval raised', 'approval recovered']);
  });

  it('sees a run that ended without a word, such as one from before the alert', async () => {
    const sync = await syncOf(1);
    const { letGo } = holdAnswers(here.receiver);
    const run = await here.backhaul.syncs.run(sync);
    await until(async () => (await here.backhaul.runs.get(run.id)).status === 'working');
    await alertOn(sync, { finished: true });
    letGo();
    await run.result();
    await look();
    await endsAs(sync, ['finished happened']);
  });

  it('forgets what nobody asks for any more, and tells nobody', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { failed: true });
    await here.warehouse.query(`drop table ${sync}`);
    await failing(sync);
    await endsAs(sync, ['failed raised']);
    await alertOn(sync, { finished: true });
    await look();
    expect(await raisedOf(sync)).toEqual([]);
    expect(await eventsOf(sync)).toEqual(['failed raised']);
  });
});

describe('a notification', () => {
  it('is sent again until it is taken, under the same id', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { finished: true });
    channel.answer(503);
    await here.run(sync);
    await until(async () => (await toldOf(sync))[0]?.status === 'delivered');
    expect(await toldOf(sync)).toMatchObject([{ status: 'delivered', attempts: 2, error: null }]);
    expect(new Set(channel.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(channel.received.map(({ body }) => body)).size).toBe(1);
  });

  it('that is refused is given up, stands in the list, and can be sent again', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { finished: true });
    channel.answer(404);
    await here.run(sync);
    await until(async () => (await toldOf(sync))[0]?.status === 'failed');
    const [told] = await toldOf(sync);
    expect(told?.error).toMatchObject({
      code: 'channel_refused',
      message: expect.stringContaining('HTTP 404'),
    });
    await here.backhaul.alerts.redeliver(told?.id ?? '');
    await until(async () => (await toldOf(sync))[0]?.status === 'delivered');
    const ids = channel.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([told?.id, told?.id]);
  });

  it('is sent anew when someone asks, and not only once its next try is due', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { finished: true });
    channel.answer(503);
    await here.run(sync);
    const told = await until(async () => (await toldOf(sync)).find(({ attempts }) => attempts === 1));
    const first = here.temporal.workflow.getHandle(
      notificationWorkflowId(here.env.BACKHAUL_INSTALLATION ?? '', told.id),
    );
    const { runId } = await first.describe();
    await here.backhaul.alerts.redeliver(told.id);
    await until(async () => (await toldOf(sync))[0]?.status === 'delivered');
    const tried = here.temporal.workflow.getHandle(first.workflowId, runId);
    expect((await tried.describe()).status.name).toBe('TERMINATED');
    expect(new Set(channel.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('goes to a Slack-compatible webhook as one line', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { finished: true }, { to: ['chat', 'hook'] });
    await here.run(sync);
    await until(async () => channel.received.some(({ path }) => path === '/chat'));
    const chat = channel.received.find(({ path }) => path === '/chat');
    expect(JSON.parse(chat?.body ?? '')).toEqual({
      text: expect.stringMatching(new RegExp(`^✅ \\*${sync}\\* run 1 ended: completed \\(${sync}, test-`)),
    });
  });
});

describe('apply', () => {
  const changes = async () =>
    (await here.backhaul.definitions.plan(await here.backhaul.definitions.get())).changes.filter(
      ({ kind }) => kind === 'watch',
    );

  it('makes the schedule that looks at the alerts, mends it, and takes it away with the last', async () => {
    const sync = await syncOf(1);
    await alertOn(sync, { silence: '1s' });
    expect(await changes()).toEqual([]);
    // Longer than the silence that is told.
    await sleep(1500);
    await handle().trigger();
    await until(async () => (await eventsOf(sync)).includes('silence raised'));
    await handle().pause('by hand');
    expect(await changes()).toEqual([
      { kind: 'watch', name: 'alerts', change: 'changed', fields: ['paused'] },
    ]);
    await here.define({});
    expect((await handle().describe()).state.paused).toBe(false);
    await handle().update(({ action, ...schedule }) => ({
      ...schedule,
      action: { ...action, workflowExecutionTimeout: undefined },
    }));
    expect(await changes()).toMatchObject([{ change: 'changed', fields: ['action'] }]);
    await here.define({});
    // A look that cannot end is no reason to look never again.
    expect((await handle().describe()).action.workflowExecutionTimeout).toBe(600_000);
    const without = { ...(await here.backhaul.definitions.get()), alerts: {} };
    await (await here.backhaul.definitions.plan(without, { prune: true })).apply();
    await expect(handle().describe()).rejects.toThrow('not found');
    expect(await here.backhaul.definitions.get()).toMatchObject({ alerts: {} });
  });
});
