import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { noDefinitions } from '../../definitions/schema.ts';
import { MOST_OF_A_CHANNEL } from '../../ledger/notification-turns.ts';
import type { Notification } from '../../vocabulary/alert.ts';
import { startChannel, type Channel } from '../support/channel.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

let here: TestInstallation;
let channel: Channel;
beforeAll(async () => {
  channel = await startChannel();
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  here = await openInstallation({ env: { HOOK_SECRET: secret } });
  await here.startWorker();
  const hook = (path: string) => ({
    type: 'webhook',
    url: `${channel.url}${path}`,
    signingSecret: '${HOOK_SECRET}',
  });
  await here.warehouse.query(`create table users as select 'u1' as user_id`);
  await here.define({
    connections: { dead: hook('/dead'), well: hook('/well') },
    models: { users: { connection: 'warehouse', table: 'users' } },
    syncs: {
      users: {
        ...{ model: 'users', destination: 'segment', key: { from: 'user_id', to: 'userId' } },
        properties: 'all',
      },
    },
    alerts: { ends: { to: ['well'], when: { finished: true } } },
  });
});
afterAll(async () => {
  await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
  await here.close();
  await channel.close();
});
beforeEach(async () => {
  channel.answerAt('/dead', 503);
  await here.ledger.query('delete from backhaul.notifications');
});

const look = (): Promise<unknown> =>
  here.temporal.workflow.execute('lookAtAlerts', {
    workflowId: `${here.env.BACKHAUL_INSTALLATION}/look-${randomUUID()}`,
    taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
    args: [{}],
  });
/** As looks have left them that found more and more to tell. */
const leaveWaiting = (count: number, since: string): Promise<unknown> =>
  here.ledger.query(
    `insert into backhaul.notifications
       (id, alert, sync, condition, event, message, channel, document, status, created_at, queued_at)
     select gen_random_uuid(), 'ends', 'others', 'finished', 'happened', 'run ' || n || ' ended', 'dead', '{}', 'waiting',
       now() - $2::interval, now() - $2::interval from generate_series(1, $1) n`,
    [count, since],
  );
const notifications = (sync: string): Promise<Notification[]> =>
  here.backhaul.alerts.notifications({ sync, limit: 1000 });
const triedOf = async (): Promise<number> =>
  (await notifications('others')).filter(({ attempts }) => attempts > 0).length;

describe('a channel that takes nothing', () => {
  it('keeps no other channel waiting, and has a few messages under way at once', async () => {
    await leaveWaiting(300, '1 hour');
    await here.run('users');
    await until(async () => (await notifications('users'))[0]?.status === 'delivered');
    await until(async () => (await triedOf()) === MOST_OF_A_CHANNEL);
    await look();
    expect(await look()).toEqual({ notifications: 0 });
    expect(await triedOf()).toBe(MOST_OF_A_CHANNEL);
  });

  it('is told nothing that is older than a day, unless someone asks for it', async () => {
    await leaveWaiting(300, '26 hours');
    await look();
    const given = await notifications('others');
    expect(new Set(given.map(({ status }) => status))).toEqual(new Set(['failed']));
    expect(given[0]?.error).toMatchObject({
      code: 'notification_expired',
      message: expect.stringContaining('connection dead'),
    });

    const id = given[0]?.id ?? '';
    await here.backhaul.alerts.redeliver(id);
    await look();
    const again = async () => (await notifications('others')).find((one) => one.id === id);
    await until(async () => (await again())?.error?.code === 'channel_unavailable');
    channel.answerAt('/dead', 200);
    await until(async () => (await again())?.status === 'delivered');
  });
});
