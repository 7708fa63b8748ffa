import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

/** The Chinook sample database (MIT), beside the project where it is present. */
const CHINOOK = fileURLToPath(new URL('../../../shared/data/chinook.sql', import.meta.url));

const MODEL = `
  select c.customer_id as user_id, c.first_name, c.last_name, c.email, c.country,
         count(i.invoice_id) as invoices, sum(i.total) as spent, max(i.invoice_date) as last_invoice_at
  from customer c left join invoice i on i.customer_id = c.customer_id
  group by c.customer_id`;

(existsSync(CHINOOK) ? describe : describe.skip)('customers of a real shop and their invoices', () => {
  let here: TestInstallation;
  beforeAll(async () => {
    here = await openInstallation();
    await here.startWorker();
    const script = readFileSync(CHINOOK, 'utf8').replace(/^\\c .*$|^(drop|create) database .*$/gim, '');
    await here.warehouse.query(script);
  });
  afterAll(() => here.close());

  it('reach Segment, each of them exact', async () => {
    await here.sync('customers', MODEL, { normalization: 'camel_case' });
    expect(await here.run('customers')).toMatchObject({
      status: 'completed',
      rows: { read: 59, added: 59, invalid: 0 },
      messages: { accepted: 59 },
    });
    const users = here.receiver.users();
    expect(users.size).toBe(59);
    for (const row of await here.warehouse.query(MODEL)) {
      expect(users.get(String(row.user_id))?.traits).toEqual({
        firstName: row.first_name,
        lastName: row.last_name,
        email: row.email,
        country: row.country,
        invoices: Number(row.invoices),
        spent: Number(row.spent),
        lastInvoiceAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00Z$/),
      });
    }
    expect(users.get('1')?.traits).toMatchObject({ firstName: 'Luís', lastName: 'Gonçalves' });
    expect(await here.run('customers')).toMatchObject({ requests: 0 });
  });
});
