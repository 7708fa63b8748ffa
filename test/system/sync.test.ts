import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());
beforeEach(() => {
  here.receiver.respond(null);
  here.receiver.reset();
});

let syncs = 0;
/** A table of users and a sync of it, of a name of their own. */
async function syncOf(rows: string, fields: object = {}, columns = 'id text, plan text'): Promise<string> {
  const name = `users_${++syncs}`;
  await here.warehouse.query(
    `create table ${name} (${columns}); ${rows === '' ? '' : `insert into ${name} ${rows}`}`,
  );
  await here.sync(
    name,
    `select id as user_id, ${columns
      .split(',')
      .slice(1)
      .map((column) => column.trim().split(' ')[0])
      .join(', ')} from ${name}`,
    fields,
  );
  return name;
}
const change = (sql: string): Promise<unknown> => here.warehouse.query(sql);
const sent = (): [string, unknown][] =>
  here.receiver.events().map(({ userId, traits }) => [String(userId), traits]);
const ids = (): unknown[] => here.receiver.events().map(({ messageId }) => messageId);

describe('a sync', () => {
  it('carries every row, then what changed, then nothing', async () => {
    const name = await syncOf("select 'u' || g, 'free' from generate_series(1, 25000) g");
    expect(await here.run(name)).toMatchObject({
      number: 1,
      status: 'completed',
      mode: 'full',
      modeReason: 'first run: nothing was accepted by Segment yet',
      rows: { read: 25_000, added: 25_000, changed: 0, unchanged: 0, removed: 0, invalid: 0 },
      messages: { planned: 25_000, accepted: 25_000, rejected: 0 },
      error: null,
    });
    expect(here.receiver.users().size).toBe(25_000);
    expect(here.receiver.counts()).toMatchObject({ accepted: 25_000, duplicates: 0 });

    await change(
      `update ${name} set plan = 'pro' where id in ('u7', 'u70'); insert into ${name} values ('new', 'free'); delete from ${name} where id = 'u1'`,
    );
    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({
      number: 2,
      mode: 'incremental',
      rows: { read: 25_000, added: 1, changed: 2, unchanged: 24_997, removed: 1, invalid: 0 },
      messages: { planned: 3, accepted: 3 },
      requests: 1,
    });
    expect(sent().sort()).toEqual([
      ['new', { plan: 'free' }],
      ['u7', { plan: 'pro' }],
      ['u70', { plan: 'pro' }],
    ]);

    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      rows: { read: 25_000, added: 0, changed: 0, unchanged: 25_000, removed: 0 },
      messages: { planned: 0 },
      requests: 0,
    });
    expect(here.receiver.requests()).toEqual([]);
  });

  it('sends a row that goes A, B, A three times, under three ids', async () => {
    const name = await syncOf("values ('u', 'A')");
    for (const plan of ['A', 'B', 'A']) {
      await change(`update ${name} set plan = '${plan}'`);
      await here.run(name);
    }
    expect(sent()).toEqual([
      ['u', { plan: 'A' }],
      ['u', { plan: 'B' }],
      ['u', { plan: 'A' }],
    ]);
    expect(new Set(ids()).size).toBe(3);
  });

  it('sends a key that was away and came back only when it changed', async () => {
    const name = await syncOf("values ('stays', 'A'), ('same', 'A'), ('other', 'A')");
    await here.run(name);
    await change(`delete from ${name} where id <> 'stays'`);
    expect(await here.run(name)).toMatchObject({ rows: { removed: 2 }, requests: 0 });
    expect(await here.run(name)).toMatchObject({ rows: { removed: 0 }, requests: 0 });
    await change(`insert into ${name} values ('same', 'A'), ('other', 'B')`);
    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({ rows: { added: 0, changed: 1, unchanged: 2 } });
    expect(sent()).toEqual([['other', { plan: 'B' }]]);
    await change(`delete from ${name} where id = 'same'`);
    expect(await here.run(name)).toMatchObject({ rows: { removed: 1 } });
  });

  it('sends every row again when it is asked to, under new ids', async () => {
    const name = await syncOf("values ('a', '1'), ('b', '1')");
    await here.run(name);
    await change(`update ${name} set plan = '2' where id = 'b'`);
    expect(await here.run(name, { full: true })).toMatchObject({
      mode: 'full',
      modeReason: 'asked for: every row is sent again',
      rows: { changed: 1, unchanged: 1 },
      messages: { planned: 2, accepted: 2 },
    });
    expect(new Set(ids()).size).toBe(4);
    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({ mode: 'incremental', requests: 0 });
  });

  it('sends all again when the mapping changes what is sent, and says what changed', async () => {
    const name = await syncOf(
      "values ('a', 'pro', 3), ('b', 'free', 4)",
      {},
      'id text, plan text, logins int',
    );
    await here.run(name);
    const redefine = (sql: string, fields: object): Promise<void> => here.sync(name, sql, fields);
    await redefine(`select id as user_id, logins, plan from ${name}`, {});
    expect(await here.run(name)).toMatchObject({ mode: 'incremental', requests: 0 });

    await redefine(`select id as user_id, logins, plan, 1 as extra from ${name}`, {});
    expect(await here.run(name)).toMatchObject({
      mode: 'full',
      modeReason: 'the mapping changed: new: extra',
      rows: { changed: 2 },
    });

    await redefine(`select id as user_id, logins, plan from ${name}`, {
      mapping: [
        { from: 'plan', to: 'tier' },
        { constant: 'backhaul', to: 'source' },
      ],
    });
    expect(await here.run(name)).toMatchObject({
      mode: 'full',
      modeReason: 'the mapping changed: new: source, tier; no longer sent: extra, plan',
    });
    expect(sent().slice(-2).sort()).toEqual([
      ['a', { logins: 3, source: 'backhaul', tier: 'pro' }],
      ['b', { logins: 4, source: 'backhaul', tier: 'free' }],
    ]);
    expect(await here.run(name)).toMatchObject({ mode: 'incremental', requests: 0 });
  });

  it('goes on with a re-send that was cut short, and sends no row of it twice', async () => {
    const name = await syncOf("select 'u' || g, 'A' from generate_series(1, 30000) g", { lanes: 1 });
    await here.run(name);
    await here.sync(name, `select id as user_id, plan, true as fresh from ${name}`, { lanes: 1 });
    here.receiver.reset();
    let requests = 0;
    const handle = await here.backhaul.syncs.run(name);
    here.receiver.respond(async () => {
      requests += 1;
      if (requests === 5) await handle.cancel();
      return 'accept' as const;
    });
    expect(await handle.result()).toMatchObject({ status: 'cancelled', error: null });
    const before = here.receiver.counts().accepted;
    expect(before).toBeLessThan(30_000);
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      messages: { planned: 30_000 - before },
    });
    expect(here.receiver.counts()).toMatchObject({ accepted: 30_000, duplicates: 0 });
  });

  it("goes by Segment's own library at Segment's own rate", async () => {
    await here.define({
      connections: {
        plain: { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: here.receiver.url },
      },
    });
    const name = await syncOf("select 'u' || g, 'free' from generate_series(1, 1500) g");
    await here.define({
      connections: {
        plain: { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: here.receiver.url },
      },
      models: { [name]: { connection: 'warehouse', table: name } },
      syncs: {
        [name]: {
          model: name,
          destination: 'plain',
          key: { from: 'id', to: 'anonymousId' },
          properties: 'all',
        },
      },
    });
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      messages: { accepted: 1500 },
      requests: 2,
    });
    const [event] = here.receiver.events();
    expect(event).toMatchObject({
      type: 'identify',
      traits: { plan: 'free' },
      context: { active: false, app: { name: 'backhaul' }, library: { name: '@segment/analytics-node' } },
    });
    expect(event?.userId).toBeUndefined();
    expect(event?.anonymousId).toMatch(/^u\d+$/);
  });
});

describe('rows that cannot be sent', () => {
  it('are invalid with their reason, hold nothing back, and are sent once they are mended', async () => {
    const name = await syncOf(
      `values (null, 1, 'x'), ('', 1, 'x'), ('twice', 1, 'x'), ('twice', 1, 'x'), ('nan', 'NaN', 'x'), ('large', 1, repeat('x', 40000)),
              ('good', 2, 'x'), ('ünïcode 👍', 3, E'a\\tb')`,
      {},
      'id text, score float8, note text',
    );
    const run = await here.run(name);
    expect(run).toMatchObject({
      status: 'completed',
      withErrors: true,
      rows: { read: 8, added: 2, invalid: 6 },
      messages: { planned: 4, accepted: 2 },
    });
    expect(sent().sort()).toEqual([
      ['good', { note: 'x', score: 2 }],
      ['ünïcode 👍', { note: 'a\tb', score: 3 }],
    ]);
    expect((await here.backhaul.runs.get(run.id)).invalid).toEqual({
      null_key: 1,
      empty_key: 1,
      duplicate_key: 2,
      not_finite: 1,
      too_large: 1,
    });
    const rows = [];
    for await (const row of here.backhaul.runs.rows(run.id, { outcome: 'invalid' })) rows.push(row);
    expect(rows).toEqual(
      expect.arrayContaining([
        { outcome: 'invalid', key: 'nan', reason: 'not_finite', column: 'score' },
        { outcome: 'invalid', key: 'large', reason: 'too_large', column: 'note' },
        { outcome: 'invalid', key: 'twice', reason: 'duplicate_key', column: null },
      ]),
    );
    await change(
      `update ${name} set score = 5 where id = 'nan'; update ${name} set note = 'y' where id = 'large'; delete from ${name} where id = 'twice' or id is null or id = ''; insert into ${name} values ('twice', 1, 'x')`,
    );
    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({
      withErrors: false,
      rows: { added: 3, unchanged: 2, invalid: 0 },
    });
    expect(
      sent()
        .map(([key]) => key)
        .sort(),
    ).toEqual(['large', 'nan', 'twice']);
  });

  it('fail the run when there are more than its limit', async () => {
    const name = await syncOf("values ('a', '1'), (null, '1'), ('b', '1')", { limits: { invalid: '10%' } });
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'too_many_invalid' },
      requests: 0,
    });
  });
});

describe('what Segment refuses', () => {
  it('is found by halving, and holds back no other message of its batch', async () => {
    const name = await syncOf("select 'u' || g, 'free' from generate_series(1, 1000) g", {
      limits: { rejected: 5 },
    });
    const poison = (body: string): boolean => /"userId":"u(13|700)"/.test(body);
    here.receiver.respond(({ body }) => (poison(body) ? { status: 400 } : 'accept'));
    const run = await here.run(name);
    expect(run).toMatchObject({
      status: 'completed',
      withErrors: true,
      messages: { planned: 1000, accepted: 998, rejected: 2 },
    });
    expect(run.requests).toBeLessThan(50);
    expect(here.receiver.users().size).toBe(998);
    expect((await here.backhaul.runs.get(run.id)).rejected).toEqual({ http_400: 2 });
    const rows = [];
    for await (const row of here.backhaul.runs.rows(run.id, { outcome: 'rejected', payload: true }))
      rows.push(row);
    expect(rows.map(({ key }) => key).sort()).toEqual(['u13', 'u700']);
    expect(rows[0]?.payload).toMatchObject({ type: 'identify', traits: { plan: 'free' } });

    here.receiver.respond(null);
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      rows: { added: 2 },
      messages: { accepted: 2 },
    });
  });

  it('fails the run beyond its limit, and what was accepted stays', async () => {
    const name = await syncOf("select 'u' || g, 'free' from generate_series(1, 100) g");
    here.receiver.respond(({ body }) => (body.includes('"u50"') ? { status: 413 } : 'accept'));
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'too_many_rejected' },
      messages: { accepted: 99, rejected: 1 },
    });
    here.receiver.respond(null);
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      messages: { planned: 1, accepted: 1 },
    });
  });

  it('altogether fails the run and marks no row rejected', async () => {
    const name = await syncOf("select 'u' || g, 'free' from generate_series(1, 500) g");
    here.receiver.respond(() => ({ status: 400 }));
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'segment_refuses_everything' },
      messages: { accepted: 0, rejected: 0 },
    });
    here.receiver.respond(null);
    expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 500 } });
  });

  it.each([401, 403, 404, 301, 501])('for good with a %d fails the run at once', async (status) => {
    const name = await syncOf("values ('a', '1')");
    here.receiver.respond(() => ({ status }));
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'segment_refused' },
      requests: 1,
    });
  });

  it('for now is tried again until it is taken, under the same id', async () => {
    const name = await syncOf("values ('a', '1')");
    const answers = [
      { status: 500 },
      { status: 408 },
      { status: 429, headers: { 'retry-after': '1' } },
      'reset',
      'accept-then-reset',
    ] as const;
    const asked: string[] = [];
    here.receiver.respond(({ messageIds }) => {
      asked.push(...messageIds);
      return answers[asked.length - 1] ?? 'accept';
    });
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      messages: { accepted: 1 },
      requests: 6,
    });
    expect(new Set(asked).size).toBe(1);
    expect(here.receiver.counts()).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  it('with a long Retry-After is waited for by the whole connection, on a timer', async () => {
    const [first, second] = [await syncOf("values ('a', '1')"), await syncOf("values ('b', '1')")];
    let heldAt = 0;
    here.receiver.respond(() => {
      if (heldAt > 0) return 'accept';
      heldAt = Date.now();
      return { status: 429, headers: { 'retry-after': '12' } };
    });
    const handle = await here.backhaul.syncs.run(first);
    while (heldAt === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const other = await here.run(second);
    expect([await handle.result(), other]).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    for (const { at, status } of here.receiver.requests().slice(1)) {
      expect(status).toBe(200);
      expect(new Date(at).getTime() - heldAt).toBeGreaterThanOrEqual(12_000);
    }
  }, 90_000);
});

describe('a state', () => {
  it('that is lost is never taken for none', async () => {
    const name = await syncOf("values ('a', '1')");
    await here.run(name);
    const [row] = await here.ledger.query('select blob from backhaul.states where sync = $1', [name]);
    const { unlink } = await import('node:fs/promises');
    await unlink(new URL(`${here.env.BACKHAUL_BLOBS}/${String(row?.blob)}`));
    here.receiver.reset();
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'state_missing' },
      requests: 0,
    });
    expect(here.receiver.requests()).toEqual([]);
  });

  it('does not go along with another type of key', async () => {
    const name = await syncOf("values ('1', 'x')");
    await here.run(name);
    await change(`alter table ${name} alter id type int using id::int`);
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'key_type_changed' },
      requests: 0,
    });
  });

  it('does not go along with another key column', async () => {
    const name = await syncOf("values ('1', 'x')");
    await here.run(name);
    await here.sync(name, `select id as user_id, plan from ${name}`, {
      key: { from: 'plan', to: 'userId' },
      mapping: [{ from: 'user_id', to: 'id' }],
    });
    expect(await here.run(name)).toMatchObject({
      status: 'failed',
      error: { code: 'destination_changed' },
      requests: 0,
    });
  });

  it('that is not empty is not emptied by a model without rows, unless that is allowed', async () => {
    const name = await syncOf("values ('a', '1')");
    await here.run(name);
    await change(`delete from ${name}`);
    expect(await here.run(name)).toMatchObject({ status: 'failed', error: { code: 'empty_result' } });
    await here.sync(name, `select id as user_id, plan from ${name}`, { limits: { emptyResult: 'allow' } });
    expect(await here.run(name)).toMatchObject({
      status: 'completed',
      rows: { read: 0, removed: 1 },
      requests: 0,
    });
    expect(await here.run(name)).toMatchObject({ status: 'completed', rows: { read: 0, removed: 0 } });
  });
});
