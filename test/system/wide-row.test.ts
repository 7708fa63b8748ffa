import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());

describe('a row that is wider than a line of the spool', () => {
  it('is invalid, and does not keep the other rows from being sent', async () => {
    const wide = Array.from({ length: 10 }, (_, position) => `c${position}`);
    const text = (bytes: number): string => wide.map((name) => `repeat('x', ${bytes}) as ${name}`).join(', ');
    // 10 × 8 KB are cut within a column, 10 × 3 KB are not cut and fit.
    const sql = `select 'wide' as user_id, ${text(8192)} union all select 'fits', ${text(3000)}`;
    await here.sync('wide_rows', sql, { limits: { invalid: '100%' } });
    const run = await here.run('wide_rows');
    expect(run).toMatchObject({
      status: 'completed',
      rows: { read: 2, added: 1, invalid: 1 },
      messages: { accepted: 1 },
      error: null,
    });
    const invalid = [];
    for await (const row of here.backhaul.runs.rows(run.id, { outcome: 'invalid' })) invalid.push(row);
    expect(invalid).toMatchObject([{ key: 'wide', reason: 'too_large', column: null }]);
    expect([...here.receiver.users().keys()]).toEqual(['fits']);
  });
});
