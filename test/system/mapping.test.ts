import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());
beforeEach(() => here.receiver.reset());

const traits = (): unknown[] => here.receiver.events().map((event) => event.traits);

describe('a mapping', () => {
  const sql = `select 'u1' as user_id, 'ann@example.com' as email, 'Bonn' as city, 53111 as zip, '12' as age,
    '{"tags": ["a", 9007199254740993]}'::jsonb as details, true as active`;
  const mapping = [
    { from: 'city', to: 'address.city' },
    { from: 'zip', to: 'address.zip', type: 'string' },
    { from: 'age', to: 'age', type: 'integer' },
    { hash: { from: 'email' }, to: 'email_sha256' },
    { from: 'details', to: 'details' },
    { template: '{{ city | upcase }}, {{ details.tags[1] }}', to: 'label' },
    { run: 'sync', to: 'sent.by' },
    { run: 'id', to: 'sent.run' },
  ];

  it('nests, converts and hashes, and what it says of the run makes no row change', async () => {
    await here.sync('shapes', sql, { properties: 'selected', mapping });
    const first = await here.run('shapes');
    expect(traits()).toEqual([
      {
        address: { city: 'Bonn', zip: '53111' },
        age: 12,
        details: { tags: ['a', '9007199254740993'] },
        email_sha256: '71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476',
        label: 'BONN, 9007199254740993',
        sent: { by: 'shapes', run: first.id },
      },
    ]);
    expect(await here.run('shapes')).toMatchObject({ rows: { unchanged: 1, changed: 0 }, requests: 0 });
  });

  it('leaves out a value that cannot be sent where it is told to, else the row is invalid', async () => {
    const rows = `select 'good' as user_id, '1' as n union all select 'bad', 'one'`;
    const typed = { from: 'n', to: 'n', type: 'integer' };
    await here.sync('typed', rows, { properties: 'selected', mapping: [typed] });
    const run = await here.run('typed');
    expect(run).toMatchObject({ status: 'completed', rows: { added: 1, invalid: 1 } });
    const invalid = [];
    for await (const row of here.backhaul.runs.rows(run.id, { outcome: 'invalid' })) invalid.push(row);
    expect(invalid).toMatchObject([{ key: 'bad', reason: 'not_convertible', column: 'n' }]);

    here.receiver.reset();
    await here.sync('typed', rows, {
      properties: 'selected',
      mapping: [
        { ...typed, onError: 'omit' },
        { constant: 1, to: 'one' },
      ],
    });
    await here.run('typed');
    expect(here.receiver.events().map(({ userId, traits: sent }) => [userId, sent])).toEqual(
      expect.arrayContaining([
        ['good', { n: 1, one: 1 }],
        ['bad', { one: 1 }],
      ]),
    );
  });
});

describe('what a message says beside its traits', () => {
  const sql = `select 'u1' as user_id, 'pro' as plan, '10.0.0.1' as last_ip,
    timestamptz '2024-02-29 12:00:00.123456+00' as updated_at, 'secret' as note`;
  const fields = {
    exclude: ['note'],
    timestamp: { from: 'updated_at' },
    context: [
      { from: 'last_ip', to: 'ip' },
      { constant: true, to: 'active' },
    ],
    integrations: { All: true, Salesforce: true },
  };

  it.each(['http', 'analytics-node'])('arrives by the client %s', async (client) => {
    const name = `envelope_${client.replace('-', '_')}`;
    await here.define({
      connections: { [client]: segmentBy(client) },
      models: { [name]: { connection: 'warehouse', sql } },
      syncs: {
        [name]: {
          model: name,
          destination: client,
          key: { from: 'user_id', to: 'userId' },
          properties: 'all',
          ...fields,
        },
      },
    });
    expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 1 } });
    const [event] = here.receiver.events();
    expect(event).toMatchObject({
      traits: { plan: 'pro' },
      timestamp: expect.stringMatching(/^2024-02-29T12:00:00\.123/),
      context: { ip: '10.0.0.1', active: true },
      integrations: fields.integrations,
    });
    expect(event?.traits).toEqual({ plan: 'pro' });
    expect(await here.run(name)).toMatchObject({ rows: { unchanged: 1 }, requests: 0 });
  });

  it('is a part of what makes a row change', async () => {
    await here.sync('moving', sql, fields);
    await here.run('moving');
    await here.sync('moving', sql.replace('10.0.0.1', '10.0.0.2'), fields);
    expect(await here.run('moving')).toMatchObject({ mode: 'incremental', rows: { changed: 1 } });
    await here.sync('moving', sql, { ...fields, integrations: { All: false } });
    expect(await here.run('moving')).toMatchObject({ mode: 'full', rows: { changed: 1 } });
  });
});

describe('a mapping that cannot be', () => {
  const sql = `select 'u1' as user_id, 'ann@example.com' as email, 7 as n`;

  it.each([
    [
      'an excluded column that is not there',
      { exclude: ['emial'] },
      'column_missing',
      'did you mean "email"?',
    ],
    [
      'a template of a column that is not there',
      { mapping: [{ template: '{{ emial }}', to: 'x' }] },
      'column_missing',
      'template of trait "x": "emial"; did you mean "email"?',
    ],
    [
      'a type that no value can have',
      { mapping: [{ from: 'n', to: 'x', type: 'datetime' }] },
      'type_not_convertible',
      'trait "x": column "n" is',
    ],
  ])('ends the run with %s, and sends nothing', async (what, fields, code, where) => {
    const name = `wrong_${what.length}`;
    await here.sync(name, sql, fields);
    await expect(here.run(name)).resolves.toMatchObject({
      status: 'failed',
      error: { code, message: expect.stringContaining(where) },
    });
    expect(here.receiver.requests()).toEqual([]);
  });

  it('for a trait that Segment reserves is warned of', async () => {
    await here.sync('reserved', `select 'u1' as user_id, 42 as id, 'old' as age`, {});
    const run = await here.run('reserved');
    expect(run.warnings.filter((warning) => warning.startsWith('the trait'))).toEqual([
      'the trait "age" is sent as a string, and Segment reserves it for a number; map it with type: number',
      'the trait "id" is sent as a number, and Segment reserves it for a text; map it with type: string',
    ]);
    expect(await here.backhaul.runs.get(run.id)).toMatchObject({ warnings: run.warnings });
  });
});

const segmentBy = (client: string): object => ({
  type: 'segment',
  writeKey: '${SEGMENT_WRITE_KEY}',
  trackingUrl: here.receiver.url,
  eventsPerSecond: 100_000,
  client,
});
