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
