import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunHandle } from '../../client/index.ts';
import { backhaul } from '../support/cli.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import type { WorkerProcess } from '../support/worker-process.ts';
import { onceOf, ways } from '../support/ways.ts';

describe.each(ways)('%s', (through) => {
  const once = onceOf(through);
  let here: TestInstallation;
  let worker: WorkerProcess;
  beforeAll(async () => {
    here = await openInstallation({ through });
    worker = await here.startWorker();
  });
  afterAll(() => here.close());
  beforeEach(() => {
    here.receiver.reset();
    here.receiver.respond(null);
  });

  let syncs = 0;
  async function syncOf(rows: number, fields: object = {}): Promise<string> {
    const name = `review_${++syncs}`;
    await here.warehouse.query(
      `create table ${name} as select '${name}-' || g as id, 'A' as plan, 1::float8 as score from generate_series(1, ${rows}) g`,
    );
    await here.sync(name, `select id as user_id, plan, score from ${name}`, fields);
    return name;
  }
  const waiting = (handle: RunHandle) =>
    until(async () => {
      const run = await handle.get();
      return run.status === 'awaiting_approval' && run;
    }, 60_000);
  const workflowId = (name: string): string => `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`;
  /** Segment's library adds to the context what it is. */
  const withoutContext = (message: unknown): object => ({
    ...(message as object),
    context: expect.anything(),
  });
  const stateOf = async (name: string): Promise<unknown> => {
    const rows = await here.ledger.query(
      `select to_jsonb(states) as state from backhaul.states where sync = '${name}'`,
    );
    expect(rows).toHaveLength(1);
    return rows;
  };

  describe('a run with review', () => {
    once('sends exactly what was shown, whatever happens to worker and warehouse meanwhile', async () => {
      const name = await syncOf(12_000, { lanes: 2 });
      await here.warehouse.query(`update ${name} set score = 'NaN' where id like '%-7'`);
      const handle = await here.backhaul.syncs.run(name, { review: true });
      await waiting(handle);
      expect(here.receiver.counts().requests).toBe(0);
      const recap = await here.backhaul.runs.recap(handle.id);
      expect(recap).toMatchObject({
        sync: name,
        mode: 'full',
        rows: { read: 12_000, added: 11_999, invalid: 1 },
        invalid: [{ reason: 'not_finite', rows: 1, samples: [{ key: `${name}-7`, column: 'score' }] }],
        cost: { messages: 11_999, billableCalls: 11_999 },
        approval: { reasons: ['a review was asked for'] },
      });
      await worker.stop();
      await here.warehouse.query(`update ${name} set plan = 'B', score = 2`);
      worker = await here.startWorker();
      await handle.approve();
      expect(await handle.result()).toMatchObject({
        status: 'completed',
        rows: { read: 12_000, added: 11_999, invalid: 1 },
        messages: { planned: 12_000, accepted: 11_999 },
      });
      expect(here.receiver.counts()).toMatchObject({ accepted: 11_999, duplicates: 0 });
      for (const { message } of recap.samples) {
        const { messageId } = message as { messageId: string };
        const sent = here.receiver.events().find((event) => event.messageId === messageId);
        expect(sent).toMatchObject(withoutContext(message));
      }
      expect([...here.receiver.users().values()].every(({ traits }) => traits.plan === 'A')).toBe(true);
      expect(await here.backhaul.runs.get(handle.id)).toMatchObject({ approval: { decision: 'approved' } });
      expect(await here.run(name)).toMatchObject({ rows: { changed: 11_999, added: 1 } });
    });

    it('that is declined leaves no trace in the state, nor does one that is cancelled or lost while it waits', async () => {
      const name = await syncOf(20);
      await here.run(name);
      await here.warehouse.query(`delete from ${name} where id like '%-1_'; update ${name} set plan = 'C'`);
      const before = await stateOf(name);
      here.receiver.reset();

      const declined = await here.backhaul.syncs.run(name, { review: true });
      await waiting(declined);
      await expect(declined.decline()).resolves.toBeUndefined();
      expect(await declined.result()).toMatchObject({ status: 'cancelled', error: { code: 'run_declined' } });
      expect(await stateOf(name)).toEqual(before);
      await expect(declined.approve()).rejects.toMatchObject({ code: 'run_ended' });

      const cancelled = await here.backhaul.syncs.run(name, { review: true });
      await waiting(cancelled);
      await cancelled.cancel();
      expect(await cancelled.result()).toMatchObject({ status: 'cancelled', error: null });
      expect(await stateOf(name)).toEqual(before);

      const lost = await here.backhaul.syncs.run(name, { review: true });
      await waiting(lost);
      await here.temporal.workflow.getHandle(workflowId(name)).terminate();
      expect(here.receiver.counts().requests).toBe(0);
      expect(await here.run(name)).toMatchObject({ number: 5, rows: { changed: 10, removed: 10 } });
      expect(await here.backhaul.runs.get(lost.id)).toMatchObject({ error: { code: 'run_terminated' } });
    });

    once('is not held up when there is nothing to approve', async () => {
      const name = await syncOf(3);
      await here.run(name);
      expect(await here.run(name, { review: true })).toMatchObject({
        status: 'completed',
        messages: { planned: 0 },
      });
    });

    it('holds its sync, can be paused while it waits, and takes the word of any Temporal client', async () => {
      const name = await syncOf(10);
      const handle = await here.backhaul.syncs.run(name, { review: true });
      await waiting(handle);
      const other = await here.backhaul.syncs.run(name);
      expect(await other.result()).toMatchObject({
        status: 'skipped',
        error: { code: 'awaiting_approval', message: expect.stringContaining(handle.id) },
      });
      expect(await here.backhaul.syncs.run(name, { review: true })).toMatchObject({
        how: 'attached',
        id: handle.id,
      });
      await handle.pause();
      expect(await handle.get()).toMatchObject({ status: 'paused' });
      await handle.resume();
      expect(await handle.get()).toMatchObject({ status: 'awaiting_approval' });

      const workflow = here.temporal.workflow.getHandle(workflowId(name));
      await expect(workflow.executeUpdate('approve', { args: [{ run: 'another' }] })).rejects.toMatchObject({
        cause: { type: 'run_not_found' },
      });
      await workflow.signal('approve', { run: 'another' });
      await workflow.signal('approve');
      expect(await handle.get()).toMatchObject({ status: 'awaiting_approval' });
      const updated = spawnSync(
        required('TEMPORAL_CLI_PATH'),
        [
          'workflow',
          'update',
          'execute',
          '--address',
          required('TEST_TEMPORAL_ADDRESS'),
          '--workflow-id',
          workflowId(name),
        ].concat(['--name', 'approve', '--input', JSON.stringify({ run: handle.id })]),
        { encoding: 'utf8', timeout: 60_000 },
      );
      expect(updated).toMatchObject({ status: 0 });
      expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 10 } });
    });

    once('takes a signal as well as an update', async () => {
      const name = await syncOf(10);
      const handle = await here.backhaul.syncs.run(name, { review: true });
      await waiting(handle);
      await here.temporal.workflow.getHandle(workflowId(name)).signal('decline', { run: handle.id });
      expect(await handle.result()).toMatchObject({ status: 'cancelled', error: { code: 'run_declined' } });
    });

    it('ends the command with 5, which shows what would be sent and how to approve it', async () => {
      const name = await syncOf(5);
      const { env } = here;
      const shown = await backhaul(['run', name, '--review'], { env });
      expect(shown.code).toBe(5);
      const [, id = ''] = /backhaul approve (\S+)/.exec(shown.err) ?? [];
      expect(shown.out).toContain('what would be sent');
      expect(shown.out).toContain('5 messages in 1 request');
      const json = await backhaul(['run', name, '--review', '--json'], { env });
      expect(json).toMatchObject({ code: 5 });
      expect(json.json()).toMatchObject({ id, status: 'awaiting_approval', recap: { rows: { added: 5 } } });
      expect((await backhaul(['describe', id], { env })).out).toContain('waits since');
      expect(await backhaul(['approve', id], { env })).toMatchObject({ code: 0 });
      expect(await (await here.backhaul.runs.handle(id)).result()).toMatchObject({
        messages: { accepted: 5 },
      });
      expect(await backhaul(['decline', id], { env })).toMatchObject({ code: 2 });
      expect(here.receiver.counts()).toMatchObject({ accepted: 5 });
    });
  });

  describe('a sync with approvalAbove', () => {
    once('asks when a run is unusually large, and only then', async () => {
      const name = await syncOf(100, { approvalAbove: { changed: '20%', invalid: 1 } });
      expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 100 } });
      await here.warehouse.query(`update ${name} set plan = 'B' where id like '%-1_'`);
      expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 10 } });

      await here.warehouse.query(
        `update ${name} set plan = 'C' where id like '%1' or id like '%2' or id like '%3'`,
      );
      const large = await here.backhaul.syncs.run(name);
      await waiting(large);
      expect(await here.backhaul.runs.get(large.id)).toMatchObject({
        approval: { reasons: ['changed: 30 of 100 users in the state, above 20%'], decision: null },
      });
      await large.approve();
      expect(await large.result()).toMatchObject({ status: 'completed', messages: { accepted: 30 } });

      await here.warehouse.query(`update ${name} set score = 'NaN' where id like '%-5' or id like '%-6'`);
      const faulty = await here.backhaul.syncs.run(name);
      await waiting(faulty);
      expect(await here.backhaul.runs.recap(faulty.id)).toMatchObject({
        approval: { reasons: ['invalid: 2 of 100 rows, above 1'] },
      });
      await faulty.decline();
      expect(await faulty.result()).toMatchObject({ status: 'cancelled' });
    });

    once('ends what nobody approves in time', async () => {
      const name = await syncOf(10, { approvalAbove: { added: 5 }, approvalExpires: '2s' });
      expect(await here.run(name)).toMatchObject({ status: 'failed', error: { code: 'approval_expired' } });
      expect(here.receiver.counts().requests).toBe(0);
    });
  });
});
