import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul } from '../support/cli.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { onceOf, ways } from '../support/ways.ts';

describe.each(ways)('%s', (through) => {
  const once = onceOf(through);
  let here: TestInstallation;
  beforeAll(async () => {
    here = await openInstallation({ through, env: { SEARCH_KEY: 'a2V5' } });
    await here.startWorker();
  });
  afterAll(() => here.close());
  beforeEach(() => here.receiver.reset());

  const change = (sql: string): Promise<unknown> => here.warehouse.query(sql);
  const sent = (): [string, unknown][] =>
    here.receiver.events().map(({ userId, traits }) => [String(userId), traits]);

  /** A table of that name with these rows, and a sync of all its columns. */
  async function table(name: string, rows: string, fields: object = {}): Promise<string> {
    await change(`create table ${name} (user_id text, plan text); insert into ${name} ${rows}`);
    await here.sync(name, `select * from ${name}`, fields);
    return name;
  }
  const redefine = (name: string, fields: object): Promise<void> =>
    here.sync(name, `select * from ${name}`, fields);

  describe('an adoption', () => {
    once('sends nothing, and afterwards each change of an adopted row goes out once', async () => {
      const name = await table(
        'adopted',
        `select 'u' || g, 'free' from generate_series(1, 12000) g
       union all values ('large', repeat('x', 40000)), (null, 'free')`,
      );
      const handle = await here.backhaul.syncs.adopt(name);
      const run = await handle.result();
      expect(run).toMatchObject({
        number: 1,
        status: 'completed',
        withErrors: true,
        mode: 'adopt',
        modeReason: 'asked for: every row that the state does not know is recorded as delivered',
        rows: { read: 12_002, added: 12_000, changed: 0, unchanged: 0, removed: 0, invalid: 2 },
        messages: { planned: 0, accepted: 0, rejected: 0 },
        requests: 0,
      });
      expect((await here.backhaul.runs.get(run.id)).invalid).toEqual({ null_key: 1, too_large: 1 });
      expect((await here.backhaul.runs.list({ sync: name })).map(({ mode }) => mode)).toEqual(['adopt']);
      expect(here.receiver.requests()).toEqual([]);

      const history = [];
      for await (const entry of here.backhaul.syncs.history(name, 'u7', { payload: true }))
        history.push(entry);
      expect(history).toMatchObject([{ mode: 'adopt', outcome: 'adopted', messageId: null, payload: null }]);

      // What could not have been sent was not adopted.
      await change(`update ${name} set plan = 'mended' where user_id = 'large'`);
      await change(
        `update ${name} set plan = 'pro' where user_id = 'u7'; delete from ${name} where user_id is null`,
      );
      expect(await here.run(name)).toMatchObject({
        mode: 'incremental',
        rows: { added: 1, changed: 1, unchanged: 11_999, invalid: 0 },
      });
      await change(`update ${name} set plan = 'free' where user_id = 'u7'`);
      expect(await here.run(name)).toMatchObject({ messages: { accepted: 1 } });
      expect(sent().filter(([key]) => key === 'u7')).toEqual([
        ['u7', { plan: 'pro' }],
        ['u7', { plan: 'free' }],
      ]);
      expect(here.receiver.counts()).toMatchObject({ accepted: 3, duplicates: 0 });
    });

    it('of the rows for which a condition holds leaves the others to the next run', async () => {
      const name = await table('narrowed', "values ('a', 'pro'), ('b', 'free'), ('c', 'pro'), ('d', 'free')");
      const where = "plan = 'pro' and user_id <> 'planted-value' -- old tool";
      const result = await backhaul(['adopt', name, '--where', where, '--json'], { env: here.commandEnv });
      expect(result).toMatchObject({ code: 0 });
      expect(result.json()).toMatchObject({
        mode: 'adopt',
        modeReason:
          'asked for: every row for which the condition holds that the state does not know is recorded as delivered',
        rows: { read: 2, added: 2 },
      });
      // The condition may hold values of rows: Temporal knows its id only.
      const { id } = result.json() as { id: string };
      const workflow = here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/sync/${name}`, id);
      // Payloads show as base64.
      const text = JSON.stringify(await workflow.fetchHistory());
      const payloads = text.replace(/"data":"([^"]+)"/g, (_, data: string) => atob(data));
      expect(payloads).toContain('condition');
      expect(payloads).not.toContain('planted-value');

      await change(`update ${name} set plan = 'gone' where user_id = 'c'`);
      const again = await (
        await here.backhaul.syncs.adopt(name, { where: "user_id in ('b', 'c')" })
      ).result();
      expect(again).toMatchObject({ rows: { read: 2, added: 1, changed: 1, removed: 0 }, requests: 0 });
      expect(await here.run(name)).toMatchObject({ rows: { added: 1, changed: 1, unchanged: 2 } });
      expect(sent().sort()).toEqual([
        ['c', { plan: 'gone' }],
        ['d', { plan: 'free' }],
      ]);
    });

    it('by a condition that the warehouse or the model does not take says so, and adopts nothing', async () => {
      const name = await table('refused', "values ('a', 'pro')");
      const bad = await backhaul(['adopt', name, '--where', 'plam = "planted-value"', '--json'], {
        env: here.commandEnv,
      });
      expect(bad.code).toBe(1);
      expect(bad.json()).toMatchObject({
        status: 'failed',
        error: { code: 'condition_refused' },
        requests: 0,
      });
      expect(bad.out + bad.err).not.toContain('planted-value');
      expect(bad.out).toContain('source_column_missing');
      const writes = await (
        await here.backhaul.syncs.adopt(name, { where: 'true); drop table refused; --' })
      ).result();
      expect(writes).toMatchObject({ status: 'failed', error: { code: 'condition_refused' } });
      await expect(here.backhaul.syncs.adopt(name, { where: ' ' })).rejects.toMatchObject({ code: 'usage' });

      await here.define({
        connections: {
          search: { type: 'elasticsearch', url: 'http://localhost:9', apiKey: '${SEARCH_KEY}' },
        },
        models: { documents: { connection: 'search', index: 'users' } },
        syncs: {
          documents: {
            model: 'documents',
            destination: 'segment',
            key: { from: 'id', to: 'userId' },
            properties: 'all',
          },
        },
      });
      await expect(here.backhaul.syncs.adopt('documents', { where: 'true' })).rejects.toMatchObject({
        code: 'condition_not_sql',
      });
      expect(await here.run(name)).toMatchObject({ rows: { added: 1 }, messages: { accepted: 1 } });
    });

    once(
      'that fails adopts nothing; firstRun: adopt does it again until it is done, and then sends',
      async () => {
        const rows = "values ('a', 'pro'), ('b', 'free'), ('large', repeat('x', 40000))";
        const name = await table('first', rows, { firstRun: 'adopt', limits: { invalid: 0 } });
        expect(await here.run(name)).toMatchObject({
          status: 'failed',
          mode: 'adopt',
          error: { code: 'too_many_invalid' },
        });
        await redefine(name, { firstRun: 'adopt' });
        expect(await here.backhaul.syncs.recap(name)).toMatchObject({
          mode: 'adopt',
          modeReason: 'first run, and firstRun is adopt: every row is recorded as delivered',
          rows: { read: 3, added: 2, invalid: 1 },
          samples: [],
          cost: { messages: 0, requests: 0, billableCalls: 0 },
          approval: { reasons: [] },
        });
        expect(await here.run(name)).toMatchObject({
          status: 'completed',
          mode: 'adopt',
          modeReason: 'first run, and firstRun is adopt: every row is recorded as delivered',
          rows: { added: 2, invalid: 1 },
          requests: 0,
        });
        expect(here.receiver.requests()).toEqual([]);
        await change(`update ${name} set plan = 'new' where user_id <> 'a'`);
        expect(await here.run(name)).toMatchObject({
          mode: 'incremental',
          rows: { added: 1, changed: 1, unchanged: 1 },
        });
        expect(
          sent()
            .map(([key]) => key)
            .sort(),
        ).toEqual(['b', 'large']);

        const tried = await table('tried', "values ('a', 'pro'), ('b', 'free')", { firstRun: 'adopt' });
        await (await here.backhaul.syncs.send(tried, 'a')).result();
        expect(await here.run(tried)).toMatchObject({ mode: 'adopt', rows: { added: 1, unchanged: 1 } });
        expect(await here.run(tried)).toMatchObject({ mode: 'incremental', rows: { unchanged: 2 } });

        const sending = await table('sent_at_once', "values ('a', 'pro')", { firstRun: 'adopt' });
        expect(await here.run(sending, { full: true })).toMatchObject({
          mode: 'full',
          messages: { accepted: 1 },
        });
      },
    );
  });

  describe('onChange', () => {
    const forward = { onChange: { mapping: 'going_forward', newColumn: 'going_forward' } };
    const tier = { mapping: [{ from: 'plan', to: 'tier' }] };

    once('going_forward sends a row by a new mapping as it next changes', async () => {
      const name = await table('forward', "values ('a', 'pro'), ('b', 'free'), ('c', 'free')", forward);
      await here.run(name);
      here.receiver.reset();
      await redefine(name, { ...forward, ...tier });
      await change(`update ${name} set plan = 'pro' where user_id = 'b'`);
      expect(await here.backhaul.syncs.recap(name)).toMatchObject({
        mode: 'incremental',
        rows: { changed: 1, unchanged: 2 },
        cost: { messages: 1 },
      });
      expect(await here.run(name)).toMatchObject({
        mode: 'incremental',
        modeReason:
          'the mapping changed: new: tier; no longer sent: plan; going_forward: rows are sent as they next change',
        rows: { changed: 1, unchanged: 2 },
      });
      expect(await here.run(name)).toMatchObject({
        modeReason: 'what changed since the last run',
        rows: { unchanged: 3 },
      });
      await change(`update ${name} set plan = 'pro' where user_id = 'c'`);
      await here.run(name);
      expect(sent()).toEqual([
        ['b', { tier: 'pro' }],
        ['c', { tier: 'pro' }],
      ]);
      expect(await here.run(name, { full: true })).toMatchObject({ messages: { accepted: 3 } });
    });

    once('going_forward sends a new column of the model with rows as they next change', async () => {
      const onChange = { newColumn: 'going_forward' };
      const name = await table('wider', "values ('a', 'pro'), ('b', 'free')", { onChange });
      await here.run(name);
      here.receiver.reset();
      await change(`alter table ${name} add city text default 'Bonn'`);
      expect(await here.run(name)).toMatchObject({
        mode: 'incremental',
        modeReason: 'the mapping changed: new: city; going_forward: rows are sent as they next change',
        rows: { unchanged: 2 },
        requests: 0,
      });
      await change(`update ${name} set city = 'Köln' where user_id = 'b'`);
      expect(await here.run(name)).toMatchObject({ rows: { changed: 1, unchanged: 1 } });
      expect(sent()).toEqual([['b', { plan: 'free', city: 'Köln' }]]);
      // A mapping that changed as well is the other word's to decide.
      await redefine(name, { onChange, ...tier });
      expect(await here.run(name)).toMatchObject({ mode: 'full', rows: { changed: 2 } });
    });

    once('going_forward goes on where it was cut short, and sends no row twice', async () => {
      const name = await table('cut', "select 'u' || g, 'A' from generate_series(1, 30000) g", {
        ...forward,
        lanes: 1,
      });
      await here.run(name);
      here.receiver.reset();
      await redefine(name, { ...forward, ...tier, lanes: 1 });
      await change(`update ${name} set plan = 'B' where user_id !~ '[89]$'`);
      let requests = 0;
      const handle = await here.backhaul.syncs.run(name);
      here.receiver.respond(async () => {
        requests += 1;
        if (requests === 2) await handle.cancel();
        return 'accept' as const;
      });
      expect(await handle.result()).toMatchObject({ status: 'cancelled', messages: { planned: 24_000 } });
      const before = here.receiver.counts().accepted;
      expect(before).toBeLessThan(24_000);
      expect(await here.run(name)).toMatchObject({
        status: 'completed',
        mode: 'incremental',
        rows: { changed: 24_000 - before, unchanged: 6000 + before },
        messages: { accepted: 24_000 - before },
      });
      expect(here.receiver.counts()).toMatchObject({ accepted: 24_000, duplicates: 0 });
      expect(await here.run(name)).toMatchObject({
        modeReason: 'what changed since the last run',
        requests: 0,
      });
    });

    once('going_forward waits for a person where it cannot tell, as approve always does', async () => {
      const name = await table('asking', "values ('a', 'pro'), ('b', 'free')", forward);
      await here.run(name);
      here.receiver.reset();
      await here.sync(name, `select user_id, upper(plan) as tier from ${name}`, forward);
      const why =
        'the mapping changed: new: tier; no longer sent: plan; going_forward cannot tell which rows changed: column "plan" is gone';
      expect(await here.backhaul.syncs.recap(name)).toMatchObject({ approval: { reasons: [why] } });
      const handle = await here.backhaul.syncs.run(name);
      await until(async () => (await handle.get()).status === 'awaiting_approval', 60_000);
      expect(await handle.get()).toMatchObject({ mode: 'full', modeReason: why, messages: { planned: 2 } });
      expect(here.receiver.requests()).toEqual([]);
      await handle.decline();
      expect(await handle.result()).toMatchObject({ status: 'cancelled' });

      await here.sync(name, `select user_id, upper(plan) as tier from ${name}`, {
        onChange: { mapping: 'approve' },
      });
      const again = await here.backhaul.syncs.run(name);
      await until(async () => (await again.get()).status === 'awaiting_approval', 60_000);
      await again.approve();
      expect(await again.result()).toMatchObject({ status: 'completed', messages: { accepted: 2 } });
      expect(await here.run(name)).toMatchObject({ mode: 'incremental', requests: 0 });
    });
  });
});
