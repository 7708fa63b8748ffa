import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { onceOf, ways } from '../support/ways.ts';
import type { HistoryEntry, SentRow } from '../../client/index.ts';

describe.each(ways)('%s', (through) => {
  const once = onceOf(through);
  let here: TestInstallation;
  beforeAll(async () => {
    here = await openInstallation({ through });
    await here.startWorker();
  });
  afterAll(() => here.close());
  beforeEach(() => {
    here.receiver.respond(null);
    here.receiver.reset();
  });

  let syncs = 0;
  /** A sync of a table with the rows u1 to u`rows`, of plan A. */
  async function syncOf(rows: number, fields: object = {}): Promise<string> {
    const name = `sent_${++syncs}`;
    await here.warehouse.query(
      `create table ${name} as select 'u' || g as user_id, 'A' as plan from generate_series(1, ${rows}) g`,
    );
    await here.sync(name, `select * from ${name}`, fields);
    return name;
  }

  const traits = (): Record<string, unknown> =>
    Object.fromEntries([...here.receiver.users()].map(([user, { traits }]) => [user, traits]));

  async function sendOne(name: string, key: string): Promise<SentRow> {
    return (await here.backhaul.syncs.send(name, key)).sent();
  }

  async function historyOf(name: string, key: string, options = {}): Promise<HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for await (const entry of here.backhaul.syncs.history(name, key, options)) entries.push(entry);
    return entries;
  }

  describe('a row that is sent by itself', () => {
    once('goes the way of any other, and leaves all others to the next run', async () => {
      const name = await syncOf(5);
      expect(await sendOne(name, 'u2')).toMatchObject({ outcome: 'accepted', change: 'added' });
      expect(traits()).toEqual({ u2: { plan: 'A' } });
      expect(await here.run(name)).toMatchObject({ mode: 'full', rows: { added: 4, unchanged: 1 } });
      await here.warehouse.query(`update ${name} set plan = 'B'; delete from ${name} where user_id = 'u5'`);
      const sent = await sendOne(name, 'u1');
      expect(sent).toMatchObject({
        outcome: 'accepted',
        change: 'changed',
        run: {
          status: 'completed',
          mode: 'restricted',
          rows: { read: 4, added: 0, changed: 1, unchanged: 0, removed: 0, invalid: 0 },
          messages: { planned: 1, accepted: 1 },
        },
      });
      expect(await here.run(name)).toMatchObject({
        mode: 'incremental',
        rows: { changed: 3, unchanged: 1, removed: 1 },
      });
    });

    it('is shown as it left, without the write key, with what Segment said', async () => {
      const name = await syncOf(1);
      const ran = await backhaul(['send', name, '--key', 'u1', '--json'], { env: here.commandEnv });
      expect(ran.code).toBe(0);
      expect(ran.out + ran.err).not.toContain(WRITE_KEY);
      const sent = ran.json() as SentRow;
      expect(sent).toMatchObject({
        key: 'u1',
        outcome: 'accepted',
        messageId: expect.stringMatching(/^[0-9a-f]{64}$/),
        payload: { type: 'identify', userId: 'u1', traits: { plan: 'A' } },
        request: { method: 'POST', url: `${here.receiver.url}/v1/batch`, headers: expect.anything() },
        answer: { status: 200, body: expect.stringContaining('success') },
        posts: [{ outcome: 'accepted', status: 200 }],
        run: { sync: name, status: 'completed' },
      });
      expect(JSON.parse(sent.request?.body ?? '')).toMatchObject({
        batch: [{ messageId: sent.messageId, traits: { plan: 'A' } }],
        writeKey: '…',
      });

      const again = await backhaul(['send', name, '--key', 'u1'], { env: here.commandEnv });
      expect(again.code).toBe(0);
      expect(again.out).toContain('unchanged since Segment last took it');
      expect(again.out).toContain(`POST ${here.receiver.url}/v1/batch`);
      expect(again.out).toContain('HTTP 200');
      const ids = here.receiver.users().get('u1');
      expect(ids?.traits).toEqual({ plan: 'A' });
      expect(new Set((await historyOf(name, 'u1')).map(({ messageId }) => messageId)).size).toBe(2);
    });

    it('that nobody could get says why, and nothing leaves', async () => {
      const name = await syncOf(2);
      await here.warehouse.query(
        `insert into ${name} values ('twice', 'A'), ('twice', 'B'), ('large', repeat('x', 40000))`,
      );
      const said = async (key: string) => {
        const { code, err, out } = await backhaul(['send', name, '--key', key], { env: here.commandEnv });
        return [code, out.split('\n')[0], err];
      };
      expect(await said('stranger')).toEqual([
        2,
        expect.stringContaining('no row of the model has this key, nothing was sent'),
        expect.stringContaining('letter by letter'),
      ]);
      expect((await said('twice'))[1]).toContain('invalid, nothing was sent: another row has the same key');
      expect((await said('large')).slice(0, 2)).toEqual([1, expect.stringContaining('(too_large)')]);
      expect((await said(''))[0]).toBe(2);
      expect(traits()).toEqual({});
      expect(await historyOf(name, 'twice')).toMatchObject([
        { outcome: 'invalid', reason: 'duplicate_key', change: null },
      ]);
      expect(await historyOf(name, 'large')).toMatchObject([{ outcome: 'invalid', reason: 'too_large' }]);
      const strict = await syncOf(2, { limits: { invalid: '50%' } });
      await here.warehouse.query(`insert into ${strict} values ('large', repeat('x', 40000))`);
      expect((await sendOne(strict, 'u1')).run).toMatchObject({ status: 'completed' });
      expect(await sendOne(strict, 'large')).toMatchObject({
        outcome: 'invalid',
        run: { status: 'failed', error: { code: 'too_many_invalid' } },
      });
    });

    it('that Segment refuses is shown with its answer', async () => {
      const name = await syncOf(1);
      here.receiver.respond(() => ({ status: 400, body: `{"message":"no, ${WRITE_KEY}"}` }));
      const sent = await sendOne(name, 'u1');
      expect(sent).toMatchObject({
        outcome: 'rejected',
        reason: 'http_400',
        answer: { status: 400, body: '{"message":"no, …"}' },
        run: { status: 'failed', error: { code: 'too_many_rejected' } },
      });
    });

    it('is not sent beside another run: the start is recorded as skipped', async () => {
      const name = await syncOf(3);
      const { letGo: release } = holdAnswers(here.receiver);
      const going = await here.backhaul.syncs.run(name);
      await until(async () => (await here.backhaul.runs.get(going.id)).requests > 0);
      const { code, err } = await backhaul(['send', name, '--key', 'u1'], { env: here.commandEnv });
      expect([code, err]).toEqual([1, expect.stringContaining('run_in_progress')]);
      release();
      expect(await going.result()).toMatchObject({ status: 'completed' });
      expect(await here.ledger.query('select 1 from backhaul.selections where sync = $1', [name])).toEqual(
        [],
      );
    });

    once('that was terminated on its way is settled by the next run, and no other row with it', async () => {
      const name = await syncOf(4);
      await here.run(name);
      await here.warehouse.query(`update ${name} set plan = 'B'; delete from ${name} where user_id = 'u4'`);
      const { letGo: release } = holdAnswers(here.receiver);
      const { id, get } = await here.backhaul.syncs.send(name, 'u1');
      const posts = (condition: string) =>
        here.ledger.query(`select 1 from backhaul.posts where run_id = $1 and ${condition}`, [id]);
      await until(async () => (await posts('true')).length > 0);
      const { workflowId } = (await get()).temporal;
      await here.temporal.workflow.getHandle(workflowId).terminate('test');
      release();
      await until(async () => (await posts('outcome is not null')).length > 0);
      expect(await here.run(name)).toMatchObject({
        mode: 'incremental',
        rows: { read: 3, changed: 2, unchanged: 1, removed: 1 },
      });
      expect(await historyOf(name, 'u1')).toMatchObject([
        { outcome: 'accepted', change: 'changed', status: 'failed', mode: 'restricted' },
        { outcome: 'accepted', change: 'added' },
      ]);
    });

    once('names its key nowhere in Temporal, and one of another sync is refused', async () => {
      const [name, other] = [await syncOf(1), await syncOf(1)];
      await here.warehouse.query(`insert into ${name} values ('planted-key', 'planted-plan')`);
      const { run } = await sendOne(name, 'planted-key');
      const handle = here.temporal.workflow.getHandle(run.temporal.workflowId, run.id);
      const history = await handle.fetchHistory();
      const payloads = (value: unknown): string[] => {
        if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
        if (typeof value !== 'object' || value === null) return [String(value)];
        return Object.values(value).flatMap(payloads);
      };
      const text = payloads([history, (await handle.describe()).raw]).join('\n');
      expect(text).toContain('restricted');
      expect(text).not.toContain('planted');
      const [selection] = await here.ledger.query('select id from backhaul.selections where sync = $1', [
        name,
      ]);
      const started = await here.temporal.workflow.start('syncRun', {
        workflowId: run.temporal.workflowId.replace(name, other),
        taskQueue: `${here.env.BACKHAUL_INSTALLATION}/backhaul`,
        args: [{ sync: other, selection: selection?.['id'] }],
      });
      await expect(started.result()).rejects.toMatchObject({ cause: { type: 'selection_not_found' } });
    });
  });

  describe('the history of a key', () => {
    it('has every run that touched it, the newest first', async () => {
      const name = await syncOf(20, { limits: { rejected: '100%' } });
      await here.run(name);
      await here.warehouse.query(`update ${name} set plan = 'B' where user_id in ('u1', 'u7')`);
      here.receiver.respond(({ body }) => (body.includes('"userId":"u7"') ? { status: 400 } : 'accept'));
      await here.run(name);
      here.receiver.respond(null);
      await here.warehouse.query(`update ${name} set plan = 'C' where user_id = 'u2'`);
      await here.run(name);
      await here.run(name);
      await here.run(name, { full: true });
      expect(await historyOf(name, 'u7', { payload: true })).toMatchObject([
        { number: 5, mode: 'full', change: 'unchanged', outcome: 'accepted', payload: { userId: 'u7' } },
        { number: 3, change: 'changed', outcome: 'accepted', payload: { traits: { plan: 'B' } } },
        { number: 2, change: 'changed', outcome: 'rejected', reason: 'http_400' },
        { number: 1, change: 'added', outcome: 'accepted', payload: { traits: { plan: 'A' } } },
      ]);
      const adopting = await syncOf(2, { firstRun: 'adopt' });
      await here.run(adopting);
      expect(await historyOf(adopting, 'u1')).toMatchObject([
        { number: 1, mode: 'adopt', outcome: 'adopted', messageId: null },
      ]);
      expect((await historyOf(name, 'u20')).map(({ number }) => number)).toEqual([5, 1]);
      const shown = await backhaul(['history', name, '--key', 'u7', '--limit', '2'], {
        env: here.commandEnv,
      });
      expect(shown.out.split('\n').slice(1)).toEqual([
        expect.stringMatching(/^5 .* unchanged +accepted /),
        '',
      ]);
      expect(shown.err).toContain('The last 2 runs were looked through');
      const none = await backhaul(['history', name, '--key', 'stranger', '--json'], { env: here.commandEnv });
      expect([none.code, none.json()]).toEqual([0, []]);
      const unknown = await backhaul(['history', 'nowhere', '--key', 'u1'], { env: here.commandEnv });
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('sync_not_found')]);
    });
  });
});
