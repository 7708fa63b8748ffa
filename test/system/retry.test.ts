import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { onceOf, ways } from '../support/ways.ts';

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

  const BAD = 12_000;
  const refuse = (users: RegExp): void =>
    here.receiver.respond(({ body }) => (users.test(body) ? { status: 400 } : 'accept'));

  describe('what Segment rejected in a run', () => {
    it('is sent again with its values of now, and nothing else is', async () => {
      await here.warehouse.query(
        "create table people as select 'u' || g as user_id, 'A' as plan from generate_series(1, 300) g",
      );
      await here.sync('people', 'select * from people', { limits: { rejected: '100%' } });
      refuse(/"userId":"u(7|77|200)"/);
      const first = await here.run('people');
      expect(first).toMatchObject({ messages: { accepted: 297, rejected: 3 } });
      here.receiver.reset();
      here.receiver.respond(null);
      await here.warehouse.query(
        "update people set plan = 'B' where user_id in ('u7', 'u8'); delete from people where user_id in ('u200', 'u201')",
      );
      const ran = await backhaul(['retry', first.id, '--json'], { env: here.commandEnv });
      expect(ran.code).toBe(0);
      expect(ran.json()).toMatchObject({
        status: 'completed',
        mode: 'restricted',
        modeReason: `asked for: only what Segment rejected in run ${first.id}, with the values of now`,
        rows: { read: 298, added: 2, changed: 0, unchanged: 0, removed: 0, invalid: 0 },
        messages: { planned: 2, accepted: 2 },
      });
      expect(ran.err).toContain(`3 rows of run ${first.id} are tried again`);
      expect([...here.receiver.users().keys()].sort()).toEqual(['u7', 'u77']);
      expect(here.receiver.users().get('u7')?.traits).toEqual({ plan: 'B' });
      const again = await here.backhaul.runs.retry(first.id);
      expect(await again.run?.result()).toMatchObject({ requests: 0, rows: { unchanged: 2 } });
      expect(await here.run('people')).toMatchObject({
        mode: 'incremental',
        rows: { changed: 1, removed: 1, unchanged: 297 },
      });
    });

    once(
      'does not make the next run of all rows take them for a Segment that refuses everything',
      async () => {
        await here.warehouse.query(
          "create table stubborn as select 'u' || g as user_id from generate_series(1, 90) g",
        );
        await here.sync('stubborn', 'select user_id, 1 as score from stubborn', {
          limits: { rejected: '100%' },
        });
        refuse(/"userId":"u([1-3]\d|4)"/);
        const first = await here.run('stubborn');
        expect(first).toMatchObject({ status: 'completed', messages: { accepted: 59, rejected: 31 } });
        const retry = await here.backhaul.runs.retry(first.id);
        const retried = await retry.run?.result();
        expect(retried).toMatchObject({ status: 'completed', messages: { planned: 31, rejected: 31 } });
        await (await here.backhaul.syncs.send('stubborn', 'u50')).result();
        expect(await here.run('stubborn')).toMatchObject({ status: 'completed', messages: { rejected: 31 } });
        here.receiver.respond(null);
        const last = await here.backhaul.runs.retry(retried?.id ?? '');
        expect(await last.run?.result()).toMatchObject({ messages: { planned: 31, accepted: 31 } });
      },
    );

    it('may be nothing, or not yet known', async () => {
      await here.warehouse.query(
        "create table few as select 'u' || g as user_id from generate_series(1, 3) g",
      );
      await here.sync('few', 'select user_id, 1 as score from few');
      const done = await here.run('few');
      const nothing = await backhaul(['retry', done.id], { env: here.commandEnv });
      expect([nothing.code, nothing.out]).toEqual([0, '']);
      expect(nothing.err).toContain('Nothing was started.');
      expect(await here.backhaul.runs.list({ sync: 'few' })).toHaveLength(1);
      const unknown = await backhaul(['retry', 'nowhere'], { env: here.commandEnv });
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('run_not_found')]);
      const { letGo: release } = holdAnswers(here.receiver);
      const going = await here.backhaul.syncs.run('few', { full: true });
      await until(async () => (await here.backhaul.runs.get(going.id)).status === 'working');
      const early = await backhaul(['retry', going.id], { env: here.commandEnv });
      expect([early.code, early.err]).toEqual([2, expect.stringContaining('run_not_ended')]);
      release();
      await going.result();
    });
  });

  describe('what was invalid in a run', () => {
    it('is sent once it is mended, thousands of rows and keys of any characters', async () => {
      await here.warehouse.query(`
      create table broken as select 'bad' || g as user_id, 'NaN'::float8 as score from generate_series(1, ${BAD}) g
        union all select 'good', 1 union all select E'tab\\there', 'NaN' union all select 'twice', 1 union all select 'twice', 2
        union all select null, 1 union all select null, 1`);
      await here.sync('broken', 'select * from broken');
      const first = await here.run('broken');
      expect(first).toMatchObject({ rows: { invalid: BAD + 5 }, messages: { accepted: 1 } });
      await here.warehouse.query(
        "update broken set score = 2 where score = 'NaN'; delete from broken where user_id = 'twice' and score = 2; update broken set score = 5 where user_id = 'good'",
      );
      const ran = await backhaul(['retry', first.id, '--outcome', 'invalid', '--json'], {
        env: here.commandEnv,
      });
      expect(ran.err).toContain('2 rows without a key cannot be picked');
      // Of the two rows that had one key, one is left.
      expect(ran.json()).toMatchObject({
        status: 'completed',
        rows: { read: BAD + 5, added: BAD + 2, changed: 0, invalid: 0 },
        messages: { accepted: BAD + 2 },
      });
      expect(here.receiver.users().get('tab\there')?.traits).toEqual({ score: 2 });
      expect(here.receiver.users().get('good')?.traits).toEqual({ score: 1 });
    });
  });

  describe('the rows of a run', () => {
    it('are exported as NDJSON or CSV, to a file or to standard output, with their messages', async () => {
      await here.warehouse.query(
        "create table odd as select 'quote \" and, comma' as user_id, 'A' as plan union all select 'refused', 'A' union all select null, 'A' union all select 'large', repeat('x', 40000)",
      );
      await here.sync('odd', 'select * from odd', { limits: { rejected: '100%' } });
      refuse(/"userId":"refused"/);
      const { id } = await here.run('odd');
      const lines = async (...options: string[]): Promise<string[]> =>
        (await backhaul(['rows', id, ...options], { env: here.commandEnv })).out
          .split('\n')
          .filter((line) => line !== '');
      expect(await lines('--format', 'csv')).toEqual([
        'outcome,key,reason,column\r',
        'invalid,,null_key,\r',
        'invalid,large,too_large,plan\r',
        'accepted,"quote "" and, comma",,\r',
        'rejected,refused,http_400,\r',
      ]);
      expect(
        (await lines('--outcome', 'rejected', '--payload')).map((line) => JSON.parse(line) as unknown),
      ).toEqual([
        {
          outcome: 'rejected',
          key: 'refused',
          reason: 'http_400',
          column: null,
          payload: expect.objectContaining({ userId: 'refused', traits: { plan: 'A' } }),
        },
      ]);
      const file = join(fileURLToPath(here.env.BACKHAUL_BLOBS ?? ''), '..', 'rows.csv');
      const args = ['rows', id, '--outcome', 'accepted', '--payload', '--format', 'csv', '--output', file];
      const written = await backhaul([...args, '--json'], { env: here.commandEnv });
      expect(written.json()).toEqual({ file, format: 'csv', rows: 1 });
      const [header, row] = (await readFile(file, 'utf8')).split('\r\n');
      expect(header).toBe('outcome,key,reason,column,payload');
      expect(row).toMatch(/^accepted,"quote "" and, comma",,,"\{""type"":""identify""/);
      const nowhere = await backhaul(['rows', id, '--output', '/nowhere/rows.csv'], { env: here.commandEnv });
      expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('ENOENT')]);
      const both = await backhaul(['rows', id, '--json', '--format', 'csv'], { env: here.commandEnv });
      expect(both.code).toBe(2);
    });

    it('and the history of a key say so when blobs are not kept any more', async () => {
      await here.warehouse.query("create table kept as select 'u1' as user_id, 'A' as plan");
      await here.sync('kept', 'select * from kept', { limits: { rejected: '100%' } });
      await here.run('kept');
      refuse(/"userId":"u1"/);
      await here.warehouse.query("update kept set plan = 'B'");
      await here.run('kept');
      await rm(join(fileURLToPath(here.env.BACKHAUL_BLOBS ?? ''), 'runs'), { recursive: true });
      const { code, out } = await backhaul(['history', 'kept', '--key', 'u1', '--payload'], {
        env: here.commandEnv,
      });
      expect(code).toBe(0);
      expect(out).toMatch(/^2 .* rejected \(http_400\)/m);
      expect(out).toMatch(/^1 .* not kept any more/m);
    });
  });
});
