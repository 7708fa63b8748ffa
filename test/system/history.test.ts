import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { historiesOf } from '../support/history-text.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import type { WorkerProcess } from '../support/worker-process.ts';

const DATABASE_PASSWORD = 'planted-database-password';

let here: TestInstallation;
let worker: WorkerProcess;
beforeAll(async () => {
  here = await openInstallation();
  const role = `history_${Math.random().toString(36).slice(2)}`;
  await here.warehouse.query(
    `create role ${role} login password '${DATABASE_PASSWORD}'; grant all on schema public to ${role}`,
  );
  const url = Object.assign(new URL(here.warehouse.url), { username: role, password: DATABASE_PASSWORD });
  worker = await here.startWorker({ WAREHOUSE_URL: url.href });
  await here.warehouse.query(`
    create table people as select 'planted-key-' || g as id, 'planted-' || g || '@example.com' as email, 'planted-name-' || g as name, 1::float8 as score from generate_series(1, 1200) g;
    insert into people values ('planted-twice', 'planted-twice@example.com', 'planted-name', 1), ('planted-twice', 'planted-twice@example.com', 'planted-name', 1),
      (null, 'planted-null@example.com', 'planted-name', 1), ('planted-nan', 'planted-nan@example.com', 'planted-name', 'NaN'),
      ('planted-large', repeat('planted-large-value', 3000), 'planted-name', 1);
    grant select on people to ${role};
    create table secret (id text)`);
});
afterAll(() => here.close());

it("holds no row value and no secret, whatever fails: neither Temporal's history nor the worker's log nor an error", async () => {
  const columns = 'id as user_id, email, name, score from people';
  const runs = [];
  await here.sync('good', `select ${columns}`, { limits: { rejected: '100%' } });
  here.receiver.respond(({ body }) =>
    /planted-key-(77|900)"/.test(body)
      ? { status: 400, body: `{"error":"planted-key-77 planted-77@example.com ${WRITE_KEY}"}` }
      : 'accept',
  );
  runs.push(await here.run('good'));
  await here.warehouse.query("update people set name = 'planted-changed' where id like '%9'");
  let asked = 0;
  here.receiver.respond(({ body }) => {
    asked += 1;
    return asked === 1 ? { status: 500, body } : asked === 2 ? 'reset' : 'accept';
  });
  runs.push(await here.run('good'));
  here.receiver.respond(({ body }) => ({ status: 403, body }));
  runs.push(await here.run('good', { full: true }));

  here.receiver.respond(null);
  const waits = await here.backhaul.syncs.run('good', { full: true, review: true });
  await until(async () => (await waits.get()).status === 'awaiting_approval');
  expect(JSON.stringify(await here.backhaul.runs.recap(waits.id))).toContain('planted-key-');
  await waits.decline();
  runs.push(await waits.result());
  expect(JSON.stringify(await here.backhaul.syncs.recap('good'))).toContain('planted-twice');
  const failing = {
    cast: `select (email || 'planted-cast')::int as user_id, name from people`,
    division: `select id as user_id, 1 / (length(email) - length(email)) as planted from people`,
    permission: 'select id as user_id from secret',
    column: `select id as user_id, 'planted-literal' as x, nothing from people`,
    collision: 'select id as user_id, name as "User Name", email as user_name from people',
  };
  for (const [name, sql] of Object.entries(failing)) {
    await here.sync(name, sql, { normalization: 'snake_case' });
    const run = await here.run(name);
    expect(run).toMatchObject({ status: 'failed' });
    runs.push(run);
  }
  expect(runs.map(({ error }) => error?.code)).toEqual([
    undefined,
    undefined,
    'segment_refused',
    'run_declined',
    'source_query_failed',
    'source_query_failed',
    'source_permission',
    'source_column_missing',
    'trait_collision',
  ]);
  await expect(here.backhaul.models.preview('cast')).rejects.toMatchObject({ code: 'source_query_failed' });
  expect((await here.backhaul.models.preview('good', { limit: 3 })).rows).toHaveLength(3);

  const histories = await until(async () => {
    const found = await historiesOf(here.temporal, String(here.env.BACKHAUL_INSTALLATION));
    return found.size >= runs.length + 3 && found;
  });
  expect(histories.size).toBe(runs.length + 3);
  const texts = [worker.log(), JSON.stringify(runs), ...histories.values()];
  for (const text of texts) {
    for (const planted of [
      /planted-(?!write-key)/,
      /@example\.com/,
      new RegExp(WRITE_KEY),
      new RegExp(DATABASE_PASSWORD),
    ]) {
      const found = planted.exec(text);
      expect(
        found === null ? null : text.slice(Math.max(0, found.index - 200), found.index + 100),
      ).toBeNull();
    }
  }
  // That the payloads were decoded at all.
  expect(texts.join()).toContain('first run: nothing was accepted by Segment yet');
});
