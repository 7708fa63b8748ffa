import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi, type TestApi } from '../support/api.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import type { Role } from '../../vocabulary/role.ts';

const ROWS = 50;
const SQL = 'select id as user_id, email from people';

let here: TestInstallation;
let api: TestApi;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
  await here.warehouse.query(
    `create table people as select n as id, 'person-' || n || '@planted.example' as email from generate_series(1, ${ROWS}) n`,
  );
  await here.sync('people', SQL);
  api = await startApi(here);
});
afterAll(async () => {
  await api.close();
  await here.close();
});

type Json = Record<string, unknown>;
interface Answer {
  status: number;
  body: Json & { data: Json; pagination: Json };
  text: string;
}

async function ask(path: string, init: RequestInit & { role?: Role | null } = {}): Promise<Answer> {
  const response = await api.fetch(`/api/v1/${path}`, { role: 'viewer', ...init });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Answer['body'], text };
}
const post = (path: string, init: RequestInit & { role?: Role } = {}): Promise<Answer> =>
  ask(path, { method: 'POST', role: 'operator', ...init });
const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

async function idOf(sync: string): Promise<number> {
  const { body } = await ask('syncs?per_page=100');
  const found = (body.data as unknown as { id: number; label: string }[]).find(({ label }) => label === sync);
  return found?.id ?? 0;
}
/** The id of the run that a trigger gave. */
async function trigger(sync: string, query = '', init: RequestInit = {}): Promise<number> {
  const { body, status } = await post(`syncs/${await idOf(sync)}/trigger${query}`, init);
  expect([status, body]).toEqual([200, { status: 'success', data: { sync_run_id: expect.any(Number) } }]);
  return Number(body.data.sync_run_id);
}
const run = async (id: number): Promise<Json> => (await ask(`sync_runs/${id}`)).body.data;
async function ended(id: number): Promise<Json> {
  await until(async () => !['queued', 'working'].includes(String((await run(id)).status)));
  return run(id);
}

describe('a run that is triggered as at Census', () => {
  it('has its id at once, and ends as completed with the counts of the run', async () => {
    const id = await trigger('people');
    expect(await run(id)).toMatchObject({ id, sync_id: await idOf('people') });
    const done = await ended(id);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(done).toEqual({
      id,
      sync_id: await idOf('people'),
      status: 'completed',
      current_step: null,
      canceled: false,
      full_sync: true,
      source_record_count: ROWS,
      records_processed: ROWS,
      records_updated: ROWS,
      records_failed: 0,
      records_invalid: 0,
      created_at: time,
      updated_at: time,
      completed_at: time,
      scheduled_execution_time: null,
      error_code: null,
      error_message: null,
      error_detail: null,
      sync_trigger_reason: { ui_tag: 'API', ui_detail: 'Triggered through the API by the key test operator' },
      backhaul: { run: expect.any(String), status: 'completed', url: null },
    });
    expect(await ended(await trigger('people'))).toMatchObject({
      full_sync: false,
      source_record_count: ROWS,
      records_processed: 0,
    });
  });

  it.each([
    ['in the query', '?force_full_sync=true', {}],
    ['in the query, as Python writes it', '?force_full_sync=True', {}],
    ['in a JSON body', '', json({ force_full_sync: true })],
    [
      'in a JSON body whose type has a version',
      '',
      { body: '{"force_full_sync": true}', headers: { 'content-type': 'application/json;version=2' } },
    ],
    ['in a form', '', { body: new URLSearchParams({ force_full_sync: 'true' }) }],
  ])('sends all rows when force_full_sync is %s', async (_, query, init) => {
    const id = await trigger('people', query, init);
    expect(await ended(id)).toMatchObject({ status: 'completed', full_sync: true, records_updated: ROWS });
  });

  it('is queued as long as no worker takes it, and cancelled', async () => {
    const idle = await openInstallation();
    const other = await startApi(idle);
    try {
      await idle.sync('people', SQL);
      const call = async (path: string, method = 'GET'): Promise<Answer['body']> =>
        (await (await other.fetch(`/api/v1/${path}`, { method })).json()) as Answer['body'];
      const { data } = await call('syncs/1/trigger?force_full_sync=true', 'POST');
      const shown = await call(`sync_runs/${String(data.sync_run_id)}`);
      expect(shown.data).toMatchObject({ status: 'queued', full_sync: true, completed_at: null });
      expect(await call('syncs/1/sync_runs')).toMatchObject({ data: [{ status: 'queued' }] });
      expect(await call(`sync_runs/${String(data.sync_run_id)}/cancel`, 'POST')).toEqual({
        status: 'cancelled',
        data: {},
      });
      await idle.startWorker();
      await until(async () => {
        const { data: now } = await call(`sync_runs/${String(data.sync_run_id)}`);
        return now.status === 'failed' && now.canceled === true;
      });
    } finally {
      await other.close();
      await idle.close();
    }
  });

  it('that fails says why, with our code', async () => {
    await here.sync('broken', 'select 1 as user_id from nowhere');
    expect(await ended(await trigger('broken'))).toMatchObject({
      status: 'failed',
      canceled: false,
      error_code: 'source_table_missing',
      error_message: expect.stringContaining('broken'),
      error_detail: expect.any(String),
    });
    expect((await ask(`syncs/${await idOf('broken')}`)).body.data).toMatchObject({ status: 'Failing' });
  });

  it('counts rows that were invalid apart', async () => {
    await here.sync(
      'odd',
      "select * from (values ('a', 1), (null, 2), ('b', 3), ('b', 4)) t (user_id, logins)",
    );
    expect(await ended(await trigger('odd'))).toMatchObject({
      status: 'completed',
      source_record_count: 4,
      records_updated: 1,
      records_invalid: 3,
    });
  });

  it('goes along with a run that is going on, or is skipped when that does less', async () => {
    await here.sync('busy', "select 'u' as user_id, clock_timestamp() as at");
    const { asked, letGo } = holdAnswers(here.receiver);
    const first = await trigger('busy');
    await asked;
    expect(await run(first)).toMatchObject({ status: 'working', current_step: 'Running sync' });
    expect(await trigger('busy')).toBe(first);
    const full = await trigger('busy', '?force_full_sync=true');
    expect(await run(full)).toMatchObject({
      status: 'skipped',
      full_sync: true,
      error_code: 'run_in_progress',
    });
    letGo();
    expect(await ended(first)).toMatchObject({ status: 'completed' });
    here.receiver.respond(null);

    const again = holdAnswers(here.receiver);
    const everything = await trigger('busy', '?force_full_sync=true');
    await again.asked;
    expect(await trigger('busy')).toBe(everything);
    expect((await post(`sync_runs/${everything}/cancel`)).body).toEqual({ status: 'cancelled', data: {} });
    again.letGo();
    expect(await ended(everything)).toMatchObject({
      status: 'failed',
      canceled: true,
      error_message: 'The run was cancelled.',
    });
    here.receiver.respond(null);
    const late = await post(`sync_runs/${everything}/cancel`);
    expect([late.status, late.body]).toMatchObject([409, { status: 'error', code: 'run_ended' }]);
  });

  it('is one run for one Idempotency-Key', async () => {
    const named = { headers: { 'idempotency-key': 'census-1' } };
    const id = await trigger('people', '', named);
    await ended(id);
    expect(await trigger('people', '', named)).toBe(id);
    const other = await post(`syncs/${await idOf('people')}/trigger?force_full_sync=true`, named);
    expect([other.status, other.body]).toMatchObject([409, { code: 'idempotency_conflict' }]);
  });
});

describe('the runs of a sync', () => {
  it('rise in the order in which they were started, whoever started them, and come in pages', async () => {
    await here.sync('listed', SQL);
    const own = [await here.run('listed'), await here.run('listed')];
    const last = await trigger('listed');
    await ended(last);
    const sync = await idOf('listed');
    const { body } = await ask(`syncs/${sync}/sync_runs?per_page=2`);
    const runs = body.data as unknown as { id: number; backhaul: { run: string } }[];
    expect(body.pagination).toEqual({
      total_records: 3,
      per_page: 2,
      prev_page: null,
      page: 1,
      next_page: 2,
      last_page: 2,
    });
    expect(runs.map(({ id }) => id)[0]).toBe(last);
    expect(runs[1]?.backhaul.run).toBe(own[1]?.id);
    expect(runs[1]).toMatchObject({ sync_trigger_reason: { ui_tag: 'Other' }, sync_id: sync });
    const rest = await ask(`syncs/${sync}/sync_runs?per_page=2&page=2`);
    expect(rest.body.data).toMatchObject([{ backhaul: { run: own[0]?.id } }]);
    expect(rest.body.pagination).toMatchObject({ prev_page: 1, next_page: null });
    const oldest = await ask(`syncs/${sync}/sync_runs?order=asc&per_page=1`);
    expect(oldest.body.data).toEqual(rest.body.data);
  });
});

describe('syncs, sources and destinations', () => {
  it('are shown as Census shows them, with the same ids each time', async () => {
    await here.sync('shown', 'select id as user_id, email from people', {
      mapping: [
        { from: 'email', to: 'email' },
        { constant: 'backhaul', to: 'source' },
        { hash: { from: 'email' }, to: 'email_hash', nulls: 'omit' },
      ],
      normalization: 'snake_case',
      schedule: { every: '1h' },
      paused: true,
    });
    const id = await idOf('shown');
    const { body } = await ask(`syncs/${id}`);
    expect(body.data).toMatchObject({
      id,
      label: 'shown',
      schedule_frequency: 'hourly',
      cron_expression: null,
      operation: 'upsert',
      paused: true,
      status: 'Ready',
      field_behavior: 'sync_all_properties',
      field_normalization: 'snake_case',
      source_attributes: { object: { type: 'model', name: 'shown', query: SQL } },
      destination_attributes: { object: 'user' },
      mappings: [
        { from: { type: 'column', data: 'user_id' }, to: 'userId', is_primary_identifier: true },
        { from: { type: 'column', data: 'email' }, to: 'email', is_primary_identifier: false },
        { from: { type: 'constant_value', data: { value: 'backhaul', basic_type: 'text' } }, to: 'source' },
        { from: { type: 'hash', data: 'email' }, to: 'email_hash', sync_null_values: false },
      ],
    });
    expect((await ask(`syncs/${id}`)).body).toEqual(body);
    const { destination_attributes: to, source_attributes: from } = body.data as Record<
      string,
      { connection_id: number }
    >;
    const source = await ask(`sources/${from?.connection_id}`);
    expect(source.body.data).toMatchObject({ name: 'warehouse', type: 'postgres' });
    const destination = await ask(`destinations/${to?.connection_id}`);
    expect(destination.body.data).toMatchObject({ name: 'segment', type: 'segment' });
    expect((await ask('sources')).body).toMatchObject({
      data: [source.body.data],
      pagination: { total_records: 1 },
    });
    expect((await ask('destinations')).body.data).toEqual([destination.body.data]);
    expect((await ask(`sources/${to?.connection_id}`)).status).toBe(404);
    for (const { text } of [source, destination]) expect(text).not.toContain(WRITE_KEY);
  });

  it('keep the id that a definition says, and no two have the same', async () => {
    await here.sync('moved', SQL, { censusId: 4895 });
    expect(await idOf('moved')).toBe(4895);
    expect((await ask('syncs/4895')).body.data).toMatchObject({ label: 'moved' });
    await expect(here.sync('twin', SQL, { censusId: 4895 })).rejects.toMatchObject({
      code: 'definitions_invalid',
      message: expect.stringContaining('has the censusId of the sync "moved": 4895'),
    });
  });
});

describe('what cannot be done is told as Census tells it', () => {
  it.each([
    ['GET', 'sync_runs/999999', 404, 'run_not_found'],
    ['POST', 'syncs/999999/trigger', 404, 'sync_not_found'],
    ['GET', 'destinations/999999', 404, 'connection_not_found'],
    ['GET', 'nowhere?secret=planted', 404, 'route_not_found'],
    ['GET', 'syncs/people', 400, 'request_invalid'],
    ['GET', 'syncs?page=0', 400, 'request_invalid'],
    ['POST', 'syncs/1/trigger?force_full_sync=planted', 400, 'request_invalid'],
  ])('%s %s', async (method, path, status, code) => {
    const answer = await ask(path, { method, role: 'operator' });
    expect([answer.status, answer.body]).toMatchObject([
      status,
      { status: 'error', message: expect.any(String), code, action: expect.any(String) },
    ]);
    expect(answer.text).not.toContain('planted');
  });

  it('without a key, and with one whose role may not', async () => {
    expect(await ask('syncs', { role: null })).toMatchObject({
      status: 401,
      body: { status: 'error', code: 'unauthenticated' },
    });
    expect(await ask('syncs/1/trigger', { method: 'POST' })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });
});

it('the key comes as a bearer token or as the password of the user `bearer`', async () => {
  const key = await api.key('viewer');
  for (const authorization of [`Bearer ${key}`, `Basic ${Buffer.from(`bearer:${key}`).toString('base64')}`])
    expect((await fetch(`${api.url}/api/v1/syncs`, { headers: { authorization } })).status).toBe(200);
});

it('triggers are in the audit log, looks are not', async () => {
  const id = await idOf('people');
  await ended(await trigger('people'));
  const entries = await here.backhaul.audit.list({ limit: 1000 });
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'POST /api/v1/syncs/:id/trigger', target: String(id), status: 200 }),
  );
  expect(entries.filter(({ action }) => action.startsWith('GET /api'))).toEqual([]);
});

it('stands in the OpenAPI document', async () => {
  const document = (await (await api.fetch('/openapi.json', { role: null })).json()) as { paths: object };
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/api/v1/syncs/{id}/trigger', '/api/v1/sync_runs/{id}', '/v1/runs/{id}']),
  );
});
