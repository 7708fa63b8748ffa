import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noDefinitions } from '../../definitions/schema.ts';
import type { Notification } from '../../vocabulary/alert.ts';
import { startChannel, type Channel } from '../support/channel.ts';
import { backhaul, type CommandResult } from '../support/cli.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { ways } from '../support/ways.ts';

describe.each(ways)('commands about alerts, %s', (through) => {
  let here: TestInstallation;
  let channel: Channel;
  const command = (...args: string[]): Promise<CommandResult> => backhaul(args, { env: here.commandEnv });
  const told = (): Promise<Notification[]> => here.backhaul.alerts.notifications({ sync: 'users' });

  beforeAll(async () => {
    channel = await startChannel();
    here = await openInstallation({
      through,
      env: {
        HOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
        CHAT_URL: `${channel.url}/chat`,
      },
    });
    await here.startWorker();
    await here.warehouse.query(`create table users as select 'u1' as user_id`);
    await here.define({
      connections: {
        hook: { type: 'webhook', url: `${channel.url}/hook`, signingSecret: '${HOOK_SECRET}' },
        chat: { type: 'slack', webhookUrl: '${CHAT_URL}' },
      },
      models: { users: { connection: 'warehouse', table: 'users' } },
      syncs: {
        users: {
          ...{ model: 'users', destination: 'segment', key: { from: 'user_id', to: 'userId' } },
          properties: 'all',
        },
      },
      alerts: { oncall: { to: ['hook'], syncs: ['users'], when: { failed: true, silence: '26h' } } },
    });
  });
  afterAll(async () => {
    await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
    await here.close();
    await channel.close();
  });

  it('show them as they show all definitions', async () => {
    expect((await command('list', 'alerts')).out).toMatch(/^oncall +to hook$/m);
    const described = (await command('describe', 'alert/oncall')).json();
    expect(described).toMatchObject({ name: 'oncall', when: { failed: true, silence: '26h' } });
    expect((await command('export')).out).toContain(
      '\nalerts:\n  oncall:\n    to:\n      - hook\n    syncs:\n      - users\n    when:\n      failed: true\n      silence: 26h\n',
    );
    expect(await command('describe', 'alert/nobody')).toMatchObject({
      code: 2,
      err: expect.stringContaining('alert_not_found'),
    });
  });

  it('send a test message to what is checked, and say when it is refused', async () => {
    expect(await command('check', 'hook', 'chat')).toMatchObject({ code: 0, out: 'hook: ok\nchat: ok\n' });
    const tested = channel.received.map(({ body, path }) => [path, JSON.parse(body) as object]);
    expect(tested).toContainEqual(['/hook', expect.objectContaining({ type: 'test' })]);
    expect(tested).toContainEqual(['/chat', { text: expect.stringContaining('by the connection chat') }]);
    channel.answer(401);
    const refused = await command('check', 'hook');
    expect(refused.err).toContain('channel_refused');
    expect(refused.err).not.toContain(channel.url);
  });

  it('tell what stands, what was told to whom, and tell it again', async () => {
    expect(await command('alerts')).toMatchObject({ code: 0, out: '', err: 'No alert stands.\n' });
    expect(await command('notifications', 'users')).toMatchObject({ out: '', err: 'Nothing was told.\n' });
    await here.warehouse.query('alter table users rename to gone');
    channel.answer(404);
    await here.run('users').catch(() => undefined);
    await until(async () => (await told())[0]?.status === 'failed');
    const [{ id }] = (await told()) as [Notification];

    expect((await command('alerts')).out).toMatch(/^users +oncall +failed +20\S+Z +run 1 failed: /m);
    expect((await command('alerts', '--json')).json()).toMatchObject([{ alert: 'oncall', sync: 'users' }]);
    const listed = await command('notifications', 'users', '--status', 'failed');
    expect(listed.out).toMatch(
      new RegExp(`^${id} +20\\S+Z +users +failed raised +hook +failed: The receiver .*HTTP 404`, 'm'),
    );
    expect((await command('notifications', '--json')).json()).toMatchObject([{ id, status: 'failed' }]);

    expect(await command('redeliver', id)).toMatchObject({
      code: 0,
      err: expect.stringContaining('It is being sent to hook'),
    });
    await until(async () => (await told())[0]?.status === 'delivered');
    expect(await command('redeliver', 'nothing')).toMatchObject({
      code: 2,
      err: expect.stringContaining('notification_not_found'),
    });
  });
});
