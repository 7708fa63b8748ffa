import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Recap } from '../../client/index.ts';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { ways } from '../support/ways.ts';

describe.each(ways)('%s', (through) => {
  let here: TestInstallation;
  beforeAll(async () => {
    here = await openInstallation({ through, segment: { eventsPerSecond: 100 } });
    await here.startWorker();
    await here.warehouse.query(`
    create table people as select 'u-' || lpad(g::text, 3, '0') as id, 'p' || g || '@example.com' as email,
      case when g % 4 = 0 then null else g end as age, 1::float8 as score, '{"city": "Bonn"}'::jsonb as details
    from generate_series(1, 300) g;
    insert into people values ('u-300', 'twice@example.com', 1, 1, '{}'), (null, 'nobody@example.com', 1, 1, '{}'),
      ('u-nan', 'nan@example.com', 1, 'NaN', '{}')`);
  });
  afterAll(() => here.close());
  beforeEach(() => here.receiver.reset());

  const SQL = 'select id as user_id, email, age, score, details from people';
  const blobsBelow = async (folder: string): Promise<string[]> => {
    const root = fileURLToPath(here.env.BACKHAUL_BLOBS ?? '');
    const found = await readdir(`${root}/${folder}`, { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    return found.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  const sizes = async (): Promise<unknown> =>
    here.ledger.query(
      `select (select count(*) from backhaul.runs) as runs, (select count(*) from backhaul.states) as states,
            (select count(*) from backhaul.pages) as pages, (select count(*) from backhaul.fault_counts) as faults`,
    );

  describe('a recap', () => {
    it('of a first run shows what would be sent, and does nothing that a run could see', async () => {
      await here.sync('first', SQL, {
        mapping: [
          { from: 'email', to: 'email', type: 'string' },
          { from: 'age', to: 'createdAt' },
          { template: '{{ details.city }}', to: 'address.city', onError: 'omit' },
          { hash: { from: 'email' }, to: 'emailHash' },
          { constant: 'backhaul', to: 'source' },
          { run: 'id', to: 'runId' },
        ],
        approvalAbove: { added: 250 },
      });
      const before = await sizes();
      const recap = await here.backhaul.syncs.recap('first');
      expect(recap).toMatchObject({
        sync: 'first',
        mode: 'full',
        modeReason: 'first run: nothing was accepted by Segment yet',
        rows: { read: 303, added: 299, changed: 0, unchanged: 0, removed: 0, invalid: 4 },
        invalid: [
          { reason: 'null_key', rows: 1, samples: [{ key: null, column: null }] },
          { reason: 'duplicate_key', rows: 2, samples: [{ key: 'u-300', column: null }] },
          { reason: 'not_finite', rows: 1, samples: [{ key: 'u-nan', column: 'score' }] },
        ],
        changes: { newColumns: [], goneColumns: [], newTraits: [], goneTraits: [], movedTraits: [] },
        cost: { messages: 299, requests: 3, eventsPerSecond: 100, seconds: 3, billableCalls: 299 },
        approval: { reasons: ['added: 299 of 0 users in the state, above 250'] },
        error: null,
      });
      const trait = (name: string) => recap.traits.find((each) => each.trait === name);
      expect(trait('email')).toMatchObject({
        columns: ['email'],
        type: 'text as string',
        sourceType: 'text',
        nullShare: 0,
        samples: ['p1@example.com', 'p2@example.com'],
        warnings: [],
      });
      expect(trait('createdAt')).toMatchObject({
        nullShare: 75 / 303,
        samples: [1, 2],
        warnings: [expect.stringContaining('createdAt')],
      });
      expect(trait('address.city')).toMatchObject({ source: 'template', nullShare: null, samples: ['Bonn'] });
      expect(trait('emailHash')).toMatchObject({ source: 'hash', columns: ['email'], nullShare: 0 });
      expect(trait('source')).toMatchObject({ columns: [], nullShare: 0, samples: ['backhaul'] });
      expect(recap.samples).toHaveLength(2);
      expect(recap.samples[0]).toMatchObject({
        change: 'added',
        message: {
          type: 'identify',
          userId: 'u-001',
          traits: { email: 'p1@example.com', createdAt: 1, address: { city: 'Bonn' }, source: 'backhaul' },
        },
      });
      expect(await sizes()).toEqual(before);
      expect(here.receiver.counts().requests).toBe(0);
      expect(await blobsBelow('.')).toEqual([]);
    });

    it('of the same rows is the same, byte for byte, in whatever order they lie', async () => {
      await here.sync('again', SQL, { normalization: 'camel_case' });
      const one = await here.backhaul.syncs.recap('again');
      await here.warehouse.query('create table shuffled as select * from people order by random()');
      await here.warehouse.query('drop table people; alter table shuffled rename to people');
      expect(JSON.stringify(await here.backhaul.syncs.recap('again'))).toBe(JSON.stringify(one));
      await here.run('again');
      const [two, three] = [
        await here.backhaul.syncs.recap('again'),
        await here.backhaul.syncs.recap('again'),
      ];
      expect(JSON.stringify(three)).toBe(JSON.stringify(two));
      expect(two).toMatchObject({
        mode: 'incremental',
        rows: { unchanged: 299 },
        cost: { messages: 0 },
        samples: [],
      });
    });

    it('is what the run then does, also while one goes on', async () => {
      await here.sync('real', SQL);
      await here.run('real');
      await here.warehouse.query("update people set email = upper(email) where id like '%7'");
      await here.warehouse.query("insert into people values ('u-new', 'new@example.com', 1, 1, '{}')");
      const recap = await here.backhaul.syncs.recap('real');
      expect(recap).toMatchObject({ mode: 'incremental', warnings: [expect.stringContaining('superuser')] });
      const { asked, letGo } = holdAnswers(here.receiver);
      const run = await here.backhaul.syncs.run('real');
      await asked;
      const meanwhile = await here.backhaul.syncs.recap('real');
      expect(meanwhile).toMatchObject({
        rows: recap.rows,
        warnings: [...recap.warnings, expect.stringContaining('run 2')],
      });
      letGo();
      here.receiver.respond(null);
      const { messages, requests, rows } = await run.result();
      expect(rows).toEqual(recap.rows);
      expect(recap.cost).toMatchObject({ messages: messages.accepted, requests });
      const sent = here.receiver.events();
      for (const { message } of recap.samples) {
        const { messageId, traits } = message as { messageId: string; traits: object };
        expect(sent.find((event) => event.messageId === messageId)).toMatchObject({ traits });
      }
    });

    it('names columns that are new and those that are no longer sent', async () => {
      await here.sync('columns', SQL);
      await here.run('columns');
      await here.sync('columns', 'select id as user_id, email, score, details, id as nickname from people');
      const recap = await here.backhaul.syncs.recap('columns');
      expect(recap).toMatchObject({
        mode: 'full',
        changes: {
          newColumns: ['nickname'],
          goneColumns: ['age'],
          newTraits: ['nickname'],
          goneTraits: ['age'],
        },
      });
      const { out } = await backhaul(['recap', 'columns'], { env: here.commandEnv });
      expect(out).toContain('new: nickname');
      expect(out).toContain('no longer sent: age');
      expect(out).toContain('TRAIT');
      const json = (await backhaul(['recap', 'columns', '--json'], { env: here.commandEnv })).json() as Recap;
      expect(json).toEqual(recap);
    });

    it('says what a run would fail with, fails as it would, and leaves nothing behind', async () => {
      await here.sync('failing', SQL, { limits: { invalid: 2 } });
      expect(await here.backhaul.syncs.recap('failing')).toMatchObject({
        error: { code: 'too_many_invalid' },
      });
      await here.sync('failing', 'select id as user_id, nothing from people');
      await expect(here.backhaul.syncs.recap('failing')).rejects.toMatchObject({
        code: 'source_column_missing',
      });
      await expect(here.backhaul.syncs.recap('nowhere')).rejects.toMatchObject({ code: 'sync_not_found' });
      expect([...(await blobsBelow('recaps')), ...(await blobsBelow('previews'))]).toEqual([]);
    });

    it('that two ask for at once is given to both', async () => {
      await here.sync('shared', SQL);
      const recaps = await Promise.all([1, 2, 3].map(() => here.backhaul.syncs.recap('shared')));
      expect(new Set(recaps.map((recap) => JSON.stringify(recap))).size).toBe(1);
    });
  });
});
