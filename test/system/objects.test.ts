import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ReceivedEvent } from '../../dev/receiver/event-intake.ts';
import type { Run } from '../../vocabulary/run.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());
beforeEach(() => here.receiver.reset());

/** Rows of a model, without a table. */
const values = (columns: string, rows: readonly string[]): string =>
  `select * from (values ${rows.map((row) => `(${row})`).join(', ')}) as rows (${columns})`;

const received = (fields: readonly string[]): unknown[] =>
  here.receiver
    .events()
    .map((event) => Object.fromEntries(fields.map((field) => [field, event[field]])))
    .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
const messageIds = (): string[] => here.receiver.events().map(({ messageId }) => messageId);

describe('a sync of groups', () => {
  const fields = {
    object: 'group',
    key: { from: 'org', to: 'groupId' },
    identifiers: { userId: { from: 'person' }, anonymousId: { from: 'device' } },
  };
  const columns = 'org, person, device, plan';
  const rows = [
    `'acme', 'u1', null::text, 'pro'`,
    `'acme', 'u2', 'd2', 'pro'`,
    `'globex', null, 'd3', 'free'`,
    `'globex', null, null, 'free'`,
    `'', 'u4', null, 'free'`,
  ];

  it('sends a group call for each of its users, and what changes again', async () => {
    await here.sync('groups', values(columns, rows), fields);
    const first = await here.run('groups');
    expect(first).toMatchObject({ status: 'completed', rows: { added: 3, invalid: 2 } });
    expect(received(['type', 'groupId', 'userId', 'anonymousId', 'traits'])).toEqual([
      { type: 'group', groupId: 'acme', userId: 'u1', anonymousId: undefined, traits: { plan: 'pro' } },
      { type: 'group', groupId: 'acme', userId: 'u2', anonymousId: 'd2', traits: { plan: 'pro' } },
      { type: 'group', groupId: 'globex', userId: undefined, anonymousId: 'd3', traits: { plan: 'free' } },
    ]);
    const invalid = [];
    for await (const { key, reason } of here.backhaul.runs.rows(first.id, { outcome: 'invalid' }))
      invalid.push([key, reason]);
    expect(invalid).toEqual([
      ['', 'empty_key'],
      ['globex//', 'no_user'],
    ]);
    const accepted = [];
    for await (const { key } of here.backhaul.runs.rows(first.id, { outcome: 'accepted' }))
      accepted.push(key);
    expect(accepted.sort()).toEqual(['acme/u1/', 'acme/u2/d2', 'globex//d3']);

    here.receiver.reset();
    await here.sync(
      'groups',
      values(columns, [`'acme', 'u1', null::text, 'free'`, ...rows.slice(1)]),
      fields,
    );
    expect(await here.run('groups')).toMatchObject({ rows: { changed: 1, unchanged: 2 } });
    expect(received(['groupId', 'userId', 'traits'])).toEqual([
      { groupId: 'acme', userId: 'u1', traits: { plan: 'free' } },
    ]);
  });

  it('belongs to the columns that name the group and its user', async () => {
    const other = { userId: { from: 'device' }, anonymousId: { from: 'person' } };
    await here.sync('groups', values(columns, rows), { ...fields, identifiers: other });
    const error = { code: 'destination_changed', message: expect.stringContaining('was org/person/device') };
    expect(await here.run('groups')).toMatchObject({ status: 'failed', error });
    await here.sync('groups', values(columns, rows), {
      ...fields,
      identifiers: { userId: other.anonymousId },
    });
    expect(await here.run('groups')).toMatchObject({ status: 'failed', error: { code: 'key_type_changed' } });
  });
});

describe('a sync of events', () => {
  const fields = {
    object: 'event',
    key: { from: 'id', to: 'messageId' },
    identifiers: { userId: { from: 'person' } },
    event: { from: 'name' },
    timestamp: { from: 'at' },
  };
  const columns = 'id, person, name, at, amount';
  const at = `timestamptz '2026-05-01 12:00:00+00'`;
  const rows = [`'e1', 'u1', 'Order Completed', ${at}, 12.50`, `'e2', 'u2', 'Seen', ${at}, null`];

  it('sends each row once: a second run only those that are new, whatever became of the others', async () => {
    await here.sync('events', values(columns, [...rows, `'e3', 'u3', '', ${at}, 1`]), fields);
    expect(await here.run('events')).toMatchObject({ status: 'completed', rows: { added: 2, invalid: 1 } });
    expect(received(['type', 'event', 'userId', 'properties', 'timestamp', 'traits'])).toEqual([
      {
        type: 'track',
        event: 'Order Completed',
        userId: 'u1',
        properties: { amount: 12.5 },
        timestamp: expect.stringMatching(/^2026-05-01T12:00:00/),
        traits: undefined,
      },
      {
        type: 'track',
        event: 'Seen',
        userId: 'u2',
        properties: { amount: null },
        timestamp: expect.stringMatching(/^2026-05-01T12:00:00/),
        traits: undefined,
      },
    ]);
    const [event] = here.receiver.events();
    expect(event?.context).not.toHaveProperty('active');

    here.receiver.reset();
    const later = [`'e1', 'u9', 'Refunded', ${at}, 99`, `'e4', 'u4', 'Seen', ${at}, 4`];
    await here.sync('events', values(columns, later), { ...fields, exclude: ['amount'] });
    const { samples } = await here.backhaul.syncs.recap('events');
    expect(samples).toMatchObject([{ change: 'added', message: { type: 'track', event: 'Seen' } }]);
    expect(await here.run('events')).toMatchObject({
      mode: 'incremental',
      rows: { read: 2, added: 1, changed: 0, unchanged: 1, removed: 0 },
      messages: { planned: 1, accepted: 1 },
    });
    expect(received(['event', 'userId', 'properties'])).toEqual([
      { event: 'Seen', userId: 'u4', properties: {} },
    ]);
    expect(messageIds()).toEqual(samples.map(({ message }) => (message as ReceivedEvent).messageId));
    await here.sync('events', `${values(columns, later)} where false`, fields);
    expect(await here.run('events')).toMatchObject({ status: 'completed', rows: { read: 0, removed: 0 } });
    await expect(here.run('events', { full: true })).rejects.toMatchObject({ code: 'full_not_for_append' });
  });

  it('sends a row whose answer was lost under the same id, whatever it says by then', async () => {
    await here.sync('doubted', values(columns, rows.slice(0, 1)), fields);
    here.receiver.respond(() => 'accept-then-reset');
    const handle = await here.backhaul.syncs.run('doubted');
    await until(async () => here.receiver.events().length > 0);
    const [first] = messageIds();
    await handle.cancel();
    await handle.result();
    here.receiver.reset();
    here.receiver.respond(null);
    await here.sync('doubted', values(columns, [`'e1', 'u1', 'Order Changed', ${at}, 13`]), fields);
    expect(await here.run('doubted')).toMatchObject({ status: 'completed', messages: { accepted: 1 } });
    expect(messageIds()).toEqual([first]);
  });
});

describe('a sync that mirrors', () => {
  const columns = 'user_id, plan, city';
  const person = (n: number): string => `'u${n}', 'pro', 'Bonn'`;
  const people = (...without: number[]): string[] =>
    Array.from({ length: 20 }, (_, n) => n)
      .filter((n) => !without.includes(n))
      .map(person);
  const mirror = { behavior: 'mirror', mapping: [{ from: 'city', to: 'address.city' }] };
  const set = {
    removed: {
      set: [
        { constant: true, to: 'churned' },
        { run: 'sync', to: 'churn.by' },
      ],
    },
  };
  const mirrored = async (name: string, rows: string[], fields: object): Promise<Run> => {
    here.receiver.reset();
    await here.sync(name, values(columns, rows), { ...mirror, ...fields });
    return here.run(name);
  };

  it('sets the given traits of a user who left, once, and sends one who comes back in full', async () => {
    await mirrored('setting', people(), set);
    expect(await mirrored('setting', people(7), set)).toMatchObject({
      status: 'completed',
      rows: { removed: 1, unchanged: 19 },
      messages: { planned: 1, accepted: 1 },
    });
    expect(received(['type', 'userId', 'traits'])).toEqual([
      { type: 'identify', userId: 'u7', traits: { churned: true, churn: { by: 'setting' } } },
    ]);
    expect(await mirrored('setting', people(7), set)).toMatchObject({ rows: { removed: 0 }, requests: 0 });
    expect(await mirrored('setting', people(), set)).toMatchObject({ rows: { added: 1, unchanged: 19 } });
    expect(received(['userId', 'traits'])).toEqual([
      { userId: 'u7', traits: { plan: 'pro', address: { city: 'Bonn' } } },
    ]);
    expect(await mirrored('setting', people(), set)).toMatchObject({ rows: { unchanged: 20 }, requests: 0 });
  });

  it('nulls every trait of the mapping, tries a refused removal again, and holds it back while a row has no key', async () => {
    const fields = { removed: 'null_traits', limits: { rejected: '100%' } };
    await mirrored('nulling', people(), fields);
    here.receiver.respond(() => ({ status: 400 }));
    expect(await mirrored('nulling', people(3), fields)).toMatchObject({
      rows: { removed: 1 },
      messages: { planned: 1, accepted: 0, rejected: 1 },
    });
    here.receiver.respond(null);
    const held = await mirrored('nulling', [...people(3), `null, 'pro', 'Bonn'`], fields);
    expect(held).toMatchObject({
      status: 'completed',
      rows: { removed: 1, invalid: 1 },
      messages: { planned: 0 },
      warnings: expect.arrayContaining([
        'nothing was sent for 1 removed: 1 row has no key, and each may be one of them; give every row a key',
      ]),
    });
    expect(await here.backhaul.runs.get(held.id)).toMatchObject({ warnings: held.warnings });
    expect(await mirrored('nulling', people(3), fields)).toMatchObject({
      rows: { removed: 1 },
      messages: { planned: 1, accepted: 1 },
    });
    expect(received(['userId', 'traits'])).toEqual([
      { userId: 'u3', traits: { plan: null, address: { city: null } } },
    ]);
  });

  it('asks a person when more than a tenth would be removed, and then does it', async () => {
    await mirrored('many', people(), set);
    await here.sync('many', values(columns, people(0, 1, 2)), { ...mirror, ...set });
    expect(await here.backhaul.syncs.recap('many')).toMatchObject({
      rows: { removed: 3 },
      cost: { messages: 3 },
      approval: { reasons: ['removals are sent for 3 of 20 keys that Segment has, above 10%'] },
      samples: [
        { change: 'removed', message: { userId: 'u0', traits: { churned: true } } },
        { change: 'removed', message: { userId: 'u1' } },
      ],
    });
    here.receiver.reset();
    const handle = await here.backhaul.syncs.run('many');
    await until(async () => (await handle.get()).status === 'awaiting_approval', 60_000);
    expect(here.receiver.requests()).toEqual([]);
    await handle.approve();
    expect(await handle.result()).toMatchObject({
      status: 'completed',
      rows: { removed: 3 },
      messages: { planned: 3, accepted: 3 },
    });
    const removed = here.receiver.events().map(({ userId }: ReceivedEvent) => userId);
    expect(removed.sort()).toEqual(['u0', 'u1', 'u2']);
  });
});
