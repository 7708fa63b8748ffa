import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CronExpressionParser } from 'cron-parser';
import { Backhaul } from '../../client/index.ts';
import { noDefinitions } from '../../definitions/schema.ts';
import { scheduleId } from '../../vocabulary/installation.ts';
import { syncName } from '../../vocabulary/ids.ts';
import type { Run } from '../../vocabulary/run.ts';
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
  afterAll(async () => {
    await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
    await here.close();
  });
  beforeEach(() => {
    here.receiver.reset();
    here.receiver.respond(null);
  });

  let names = 0;
  async function syncOf(fields: object): Promise<string> {
    const name = `scheduled_${++names}`;
    await here.warehouse.query(`create table ${name} as select 'u' || g as id from generate_series(1, 3) g`);
    await here.sync(name, `select id as user_id, 'A' as plan from ${name}`, fields);
    return name;
  }
  const handleOf = (name: string) =>
    here.temporal.schedule.getHandle(scheduleId(here.env.BACKHAUL_INSTALLATION ?? '', syncName(name)));
  const runsOf = (name: string): Promise<Run[]> => here.backhaul.runs.list({ sync: name });
  const changesOf = async () => {
    const plan = await here.backhaul.definitions.plan(await here.backhaul.definitions.get());
    return plan.changes.filter(({ kind }) => kind === 'schedule');
  };
  const statusesOf = async (name: string): Promise<string[]> =>
    (await runsOf(name)).map(({ status }) => status);
  const NEVER = { cron: '0 0 29 2 *', timezone: 'Europe/Berlin' };

  describe('a schedule', () => {
    once('starts runs by itself, and a turn that finds the sync busy is recorded as skipped', async () => {
      const { letGo } = holdAnswers(here.receiver);
      const name = await syncOf({ schedule: { every: '1s' } });
      await until(async () => (await statusesOf(name)).includes('skipped'));
      const skipped = (await runsOf(name)).find(({ status }) => status === 'skipped');
      const working = (await runsOf(name)).find(({ status }) => status === 'working');
      expect(skipped?.error).toMatchObject({
        code: 'run_in_progress',
        message: expect.stringContaining(working?.id ?? 'no run'),
      });
      // A start by hand goes along with what the schedule has started.
      expect((await here.backhaul.syncs.run(name)).how).toBe('attached');
      await here.backhaul.syncs.pause(name);
      letGo();
      await until(async () => (await statusesOf(name)).includes('completed'));
      expect(here.receiver.counts()).toMatchObject({ accepted: 3, duplicates: 0 });
    });

    it('is shown with its next and last start', async () => {
      const name = await syncOf({
        schedule: { cron: '30 9 * * 1-5', timezone: 'Europe/Berlin', jitter: '1m' },
      });
      const before = await here.backhaul.schedules.list();
      expect(before.find(({ sync }) => sync === name)).toMatchObject({
        paused: false,
        drift: false,
        last: null,
        next: [expect.any(String), expect.any(String), expect.any(String)],
      });
      await handleOf(name).trigger();
      await until(async () => (await statusesOf(name)).includes('completed'));
      const { code, out } = await backhaul(['schedules'], { env: here.commandEnv });
      expect(code).toBe(0);
      expect(out).toMatch(
        new RegExp(`^${name} +30 9 \\* \\* 1-5 \\(Europe/Berlin\\), up to 1m later +20\\S+Z +20\\S+Z$`, 'm'),
      );
    });

    once('by cron starts when its crontab says', async () => {
      const CRONS = [
        '0 6 1,15 * 1',
        '30 2 13 * FRI',
        '0 0 29 2 1-5',
        '15 4 1-31/2 1-6 0-7/3',
        '0 0 * * 7',
        '0 0 * * 5-7',
        '0 0 * * sat-7',
        '0 9 * * MON-FRI',
        '0 0 * * */2',
        '0 0 * * 1/2',
        '0 0 1 JAN,jul *',
        '0 0 1 mar-nov/2 *',
        '5/15 3 * * *',
        '*/7 */5 1 * *',
        '05 06 * * *',
        '0 0 31 * *',
        '0 0 */2 * *',
        '  0 12\t* * 1,3-5  ',
      ];
      const definitions = CRONS.map((cron, position) => [`cron_${position}`, { cron }] as const);
      const sync = {
        model: 'ticks',
        destination: 'segment',
        key: { from: 'user_id', to: 'userId' },
        properties: 'all',
      };
      await here.define({
        models: { ticks: { connection: 'warehouse', sql: "select '1' as user_id" } },
        syncs: Object.fromEntries(definitions.map(([name, schedule]) => [name, { ...sync, schedule }])),
      });
      const found = await Promise.all(definitions.map(([name]) => handleOf(name).describe()));
      const currentDate = new Date();
      for (const [position, { info }] of found.entries()) {
        const next = info.nextActionTimes.filter((time) => time > currentDate);
        const cron = CRONS[position] ?? '';
        const said = CronExpressionParser.parse(cron.trim(), { currentDate, tz: 'UTC' }).take(next.length);
        expect({ cron, next }).toEqual({ cron, next: said.map((time) => time.toDate()) });
        expect(next.length).toBeGreaterThan(3);
      }
      await here.backhaul.definitions.plan(noDefinitions(), { prune: true }).then((plan) => plan.apply());
    });

    once(
      'has its policies: every turn is taken, and what is older than an interval is not made up',
      async () => {
        const name = await syncOf({ schedule: { every: '15m' } });
        expect((await handleOf(name).describe()).policies).toMatchObject({
          overlap: 'ALLOW_ALL',
          catchupWindow: 900_000,
        });
      },
    );
  });

  describe('apply', () => {
    it('changes, and removes, what it has made', async () => {
      const name = await syncOf({ schedule: NEVER });
      expect(await changesOf()).toEqual([]);
      await here.sync(name, 'select 1 as user_id', { schedule: { every: '1h' } });
      expect((await handleOf(name).describe()).spec.intervals).toMatchObject([{ every: 3_600_000 }]);
      await here.sync(name, 'select 1 as user_id');
      await expect(handleOf(name).describe()).rejects.toThrow('not found');
      expect(await changesOf()).toEqual([]);
    });

    it('finds and mends what was changed or removed at Temporal', async () => {
      const [changed, removed] = [await syncOf({ schedule: NEVER }), await syncOf({ schedule: NEVER })];
      await handleOf(changed).update((schedule) => ({
        ...schedule,
        spec: { intervals: [{ every: '1 day' }] },
      }));
      await handleOf(removed).delete();
      const drifted = (await here.backhaul.schedules.list()).filter(({ drift }) => drift);
      expect(drifted.map(({ sync }) => sync)).toEqual([changed, removed]);
      expect(await changesOf()).toEqual([
        { kind: 'schedule', name: changed, change: 'changed', fields: ['drift'] },
        { kind: 'schedule', name: removed, change: 'changed', fields: ['drift'] },
      ]);
      await here.define({});
      expect(await changesOf()).toEqual([]);
      expect((await handleOf(changed).describe()).spec.intervals).toEqual([]);
      expect((await handleOf(removed).describe()).state.paused).toBe(false);
    });

    it('leaves paused what a person has paused, here or at Temporal', async () => {
      const [byUs, there] = [await syncOf({ schedule: NEVER }), await syncOf({ schedule: NEVER })];
      await here.backhaul.syncs.pause(byUs);
      await handleOf(there).pause('an incident');
      for (const name of [byUs, there]) {
        await here.sync(name, 'select 1 as user_id', { schedule: { every: '1h' } });
        expect((await handleOf(name).describe()).state.paused).toBe(true);
      }
      await here.backhaul.syncs.resume(byUs);
      expect((await handleOf(byUs).describe()).state.paused).toBe(false);
    });

    it('leaves paused what is paused between the plan and its end', async () => {
      const [byUs, there] = [await syncOf({ schedule: NEVER }), await syncOf({ schedule: NEVER })];
      const { models, syncs } = await here.backhaul.definitions.get();
      const changed = Object.fromEntries(
        Object.entries(syncs).map(([name, sync]) => [name, { ...sync, schedule: { every: '2h' } }]),
      );
      const plan = await here.backhaul.definitions.plan({ ...noDefinitions(), models, syncs: changed });
      await here.backhaul.syncs.pause(byUs);
      await handleOf(there).pause('an incident');
      await plan.apply();
      for (const name of [byUs, there]) {
        const { spec, state } = await handleOf(name).describe();
        expect([spec.intervals?.map(({ every }) => every), state.paused]).toEqual([[7_200_000], true]);
      }
    });

    it('mends what goes on at Temporal and is paused here', async () => {
      const [byUs, byDefinition] = [
        await syncOf({ schedule: NEVER }),
        await syncOf({ schedule: NEVER, paused: true }),
      ];
      await here.backhaul.syncs.pause(byUs);
      for (const name of [byUs, byDefinition]) await handleOf(name).unpause();
      const drifted = (await here.backhaul.schedules.list()).filter(({ drift }) => drift);
      expect(new Set(drifted.map(({ sync }) => sync))).toEqual(new Set([byUs, byDefinition]));
      await here.define({});
      expect(await changesOf()).toEqual([]);
      for (const name of [byUs, byDefinition])
        expect((await handleOf(name).describe()).state.paused).toBe(true);
    });

    once('does all else when Temporal refuses a schedule, and says whose', async () => {
      const [refused, taken] = [await syncOf({}), await syncOf({})];
      const { models, syncs } = await here.backhaul.definitions.get();
      // As an older version may have stored it: what is given anew is checked before.
      const withCron = (cron: string) => ({
        ...noDefinitions(),
        models,
        syncs: Object.fromEntries(
          [refused, taken].flatMap((name) => {
            const sync = syncs[name];
            const schedule = { cron: name === refused ? cron : '0 0 1 * *' };
            return sync === undefined ? [] : [[name, { ...sync, schedule }]];
          }),
        ),
      });
      const plan = await here.backhaul.definitions.plan(withCron('0 0 L * *'));
      await expect(plan.apply()).rejects.toMatchObject({
        code: 'schedule_refused',
        where: `sync ${refused}: DayOfMonth is not in range [1-31]`,
      });
      expect((await handleOf(taken).describe()).state.paused).toBe(false);
      await here.backhaul.definitions.plan(withCron('0 0 2 * *')).then((again) => again.apply());
      expect((await handleOf(refused).describe()).state.paused).toBe(false);
      expect(await changesOf()).toEqual([]);
    });

    once('leaves no schedule behind when it ended just after it made one', async () => {
      const name = await syncOf({});
      await here.ledger.query(`
        create function backhaul.fail() returns trigger language plpgsql as $$ begin raise 'as if killed'; end $$;
        create trigger fail before insert or update on backhaul.schedules
          for each row when (new.found is not null) execute function backhaul.fail()`);
      const sql = `select id as user_id, 'A' as plan from ${name}`;
      await expect(here.sync(name, sql, { schedule: NEVER })).rejects.toThrow('as if killed');
      await here.ledger.query('drop function backhaul.fail() cascade');
      expect((await handleOf(name).describe()).state.paused).toBe(false);
      await here.sync(name, sql);
      await expect(handleOf(name).describe()).rejects.toThrow('not found');
    });

    once('refuses a plan when others have changed the definitions since', async () => {
      const name = await syncOf({});
      const plan = await here.backhaul.definitions.plan(noDefinitions(), { prune: true });
      await syncOf({});
      await expect(plan.apply()).rejects.toMatchObject({ code: 'definitions_changed' });
      expect((await here.backhaul.definitions.get()).syncs).toHaveProperty(name);
    });

    it('pauses and resumes by the definition', async () => {
      const name = await syncOf({ schedule: NEVER, paused: true });
      expect((await handleOf(name).describe()).state.paused).toBe(true);
      await expect(here.backhaul.syncs.resume(name)).rejects.toMatchObject({
        code: 'schedule_paused_by_definition',
      });
      await here.sync(name, 'select 1 as user_id', { schedule: NEVER });
      expect((await handleOf(name).describe()).state.paused).toBe(false);
    });
  });

  describe('a sync after others', () => {
    /** So many syncs, and one that comes after all of them. */
    async function chainOf(count: number): Promise<{ first: string[]; last: string }> {
      const first = await Promise.all(Array.from({ length: count }, () => syncOf({})));
      const { models, syncs } = await here.backhaul.definitions.get();
      const last = `after_${first.join('_')}`;
      const chosen = Object.fromEntries(first.map((name) => [name, syncs[name]]));
      await here.define({ models, syncs: { ...chosen, [last]: { ...syncs[first[0] ?? ''], after: first } } });
      return { first, last };
    }
    const completed = async (name: string): Promise<number> =>
      (await statusesOf(name)).filter((status) => status === 'completed').length;

    once('starts when each of them has completed since it last began', async () => {
      const { first, last } = await chainOf(2);
      const [one = '', two = ''] = first;
      for (const name of [one, two, two, one]) {
        const before = await completed(last);
        expect(await here.run(name)).toMatchObject({ status: 'completed' });
        if (name === two && before === 0) await until(async () => (await completed(last)) === 1);
      }
      await until(async () => (await completed(last)) === 2);
      expect(await statusesOf(last)).toEqual(['completed', 'completed']);
    });

    once('starts also when it was applied while one of them was going on', async () => {
      const { asked, letGo } = holdAnswers(here.receiver);
      const one = await syncOf({});
      const run = await here.backhaul.syncs.run(one);
      await asked;
      const { models, syncs } = await here.backhaul.definitions.get();
      const last = `late_after_${one}`;
      await here.define({
        models,
        syncs: { [one]: syncs[one], [last]: { ...syncs[one], after: [one] } },
      });
      letGo();
      const result = await run.result();
      expect(result).toMatchObject({ status: 'completed' });
      expect(result).not.toHaveProperty('followed');
      await until(async () => (await completed(last)) === 1);
    });

    once('does not start when one has failed, or a person has paused it', async () => {
      const { first, last } = await chainOf(1);
      const [one = ''] = first;
      await here.backhaul.syncs.pause(last);
      const unseen = await here.run(one);
      expect(unseen).toMatchObject({ status: 'completed' });
      // What follows a run has ended: had it started anything, it would be there.
      await here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/after/${unseen.id}`).result();
      await here.backhaul.syncs.resume(last);
      await here.warehouse.query(`alter table ${one} rename to away_${one}`);
      expect(await here.run(one)).toMatchObject({ status: 'failed' });
      await here.warehouse.query(`alter table away_${one} rename to ${one}`);
      expect(await statusesOf(last)).toEqual([]);
      expect(await here.run(one)).toMatchObject({ status: 'completed' });
      await until(async () => (await completed(last)) === 1);
    });

    once('that would start itself is a fault', async () => {
      const sync = {
        model: 'm',
        destination: 'segment',
        key: { from: 'id', to: 'userId' },
        properties: 'all',
      };
      const { faults } = Backhaul.parseDefinitions([
        {
          path: 'test.yaml',
          text: JSON.stringify({
            connections: {
              warehouse: { type: 'postgres', url: '${U}' },
              segment: { type: 'segment', writeKey: '${K}' },
            },
            models: { m: { connection: 'warehouse', sql: 'select 1 as id' } },
            syncs: {
              a: { ...sync, after: ['b'] },
              b: { ...sync, after: ['a'] },
              c: { ...sync, after: ['bb'] },
            },
          }),
        },
      ]);
      expect(faults.map(({ message }) => message)).toEqual([
        'the sync "a" would start itself: a after b after a',
        'the sync "b" would start itself: b after a after b',
        'the sync "c" names a sync that does not exist: "bb"',
      ]);
    });
  });
});
