import { describe, expect, it } from '@jest/globals';
import { queryOf } from './bigquery/query-text.ts';
import { selectOf as databricks } from './databricks/select-only.ts';
import { selectOf as mysql } from './mysql/select-only.ts';
import { selectOf as postgres } from './postgres/select-only.ts';
import { oneSelectOf as redshift } from './redshift/one-select.ts';
import { selectOf as rockset } from './rockset/select-only.ts';
import { selectOf as snowflake } from './snowflake/select-only.ts';
import type { ResolvedModel } from './source.ts';

type SelectOf = (model: ResolvedModel) => string | Promise<string>;
const checked: [string, SelectOf][] = [
  ['postgres', postgres],
  ['redshift', redshift],
  ['databricks', databricks],
  ['mysql', mysql],
  ['rockset', rockset],
  ['snowflake', snowflake],
];
const sources: [string, SelectOf][] = [...checked, ['bigquery', queryOf]];
/** What differs between the sources is where they break lines. */
const flat = (sql: string): string => sql.replace(/\s+/g, ' ').trim();
const model = (content: { sql: string } | { table: string }, where: string): ResolvedModel => ({
  name: 'people',
  ...content,
  where,
});

describe.each(sources)('a model of %s with a condition', (_, selectOf) => {
  it('is the SELECT of the model with the condition around it', async () => {
    const sql = await selectOf(model({ sql: 'select id, plan from users;' }, "plan = 'pro'"));
    expect(flat(sql)).toBe("select * from ( select id, plan from users ) as narrowed where ( plan = 'pro' )");
  });

  it('may end in a comment, as may the condition', async () => {
    const sql = await selectOf(model({ sql: 'select id from users -- all' }, 'id > 1 -- but one'));
    // A comment reaches to the end of its line, and no further; Snowflake's is left out.
    expect(sql).toMatch(/users( -- all)?\n\)/);
    expect(sql).toMatch(/-- but one\n\)$/);
  });

  it('may be a table', async () => {
    const table = await selectOf({ name: 'people', table: 'app.users' });
    expect(flat(await selectOf(model({ table: 'app.users' }, 'id > 1')))).toBe(
      `select * from ( ${table} ) as narrowed where ( id > 1 )`,
    );
  });
});

it.each(checked)('a condition of %s cannot be a second statement', async (_, selectOf) => {
  const wanted = async (): Promise<string> =>
    selectOf(model({ sql: 'select id from users' }, 'true); drop table users; --'));
  await expect(wanted()).rejects.toMatchObject({
    code: expect.stringMatching(/^(not_a_select|source_syntax)$/),
  });
});
