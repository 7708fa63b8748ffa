import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson } from '../../definitions/difference.ts';
import type { Role } from '../../vocabulary/role.ts';
import type { Run } from '../../vocabulary/run.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';

let installation: TestInstallation;
let api: TestApi;
const ROWS = 30_000;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.startWorker();
  await installation.warehouse.query(
    `create table people as select n::text as user_id, 'person-' || n || '@planted.example' as email from generate_series(1, ${ROWS}) n`,
  );
  await installation.sync('people', 'select user_id, email from people', { lanes: 2 });
  api = await startApi(installation, {
    permissions: {
      variables: ['WAREHOUSE_URL', 'SEGMENT_WRITE_KEY', 'HOOK_SECRET'],
      networks: ['127.0.0.0/8'],
      workerIdentity: false,
    },
  });
});
afterAll(async () => {
  await api.close();
  await installation.close();
});

const json = async <T>(response: Response): Promise<T> => (await response.json()) as T;
const started = async (response: Response): Promise<{ how: string; run: Run }> => json(response);

async function events(id: string): Promise<{ event: string; run: Run }[]> {
  const response = await api.fetch(`/v1/runs/${id}/events`, { role: 'viewer' });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text();
  return text.split('\n\n').flatMap((block) => {
    const [, event, data] = /^event: (.*)\nid: .*\ndata: (.*)$/.exec(block) ?? [];
    return event === undefined ? [] : [{ event, run: JSON.parse(data ?? '') as Run }];
  });
}

describe('a run by the HTTP API', () => {
  it('is started, followed to its end, and its rows are read', async () => {
    const response = await api.post('/v1/syncs/people/runs');
    expect(response.status).toBe(201);
    const { how, run } = await started(response);
    expect(how).toBe('started');
    const seen = await events(run.id);
    expect(seen.at(-1)).toMatchObject({
      event: 'run',
      run: { id: run.id, status: 'completed', messages: { accepted: ROWS } },
    });

    const described = await json(await api.fetch(`/v1/runs/${run.id}`, { role: 'viewer' }));
    expect(described).toMatchObject({ id: run.id, invalid: {}, approval: null });
    const listed = await json<Run[]>(await api.fetch('/v1/runs?sync=people&limit=1', { role: 'viewer' }));
    expect(listed.map(({ id }) => id)).toEqual([run.id]);

    const lines = (await (await api.fetch(`/v1/runs/${run.id}/rows`, { role: 'operator' })).text())
      .trim()
      .split('\n');
    expect(lines).toHaveLength(ROWS + 1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ outcome: 'accepted', reason: null });
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ end: {} });
  });

  it('named by an Idempotency-Key is started once; with another body the key is refused', async () => {
    const headers = { 'idempotency-key': 'nightly-1' };
    const [one, two] = [
      await started(await api.post('/v1/syncs/people/runs', {}, headers)),
      await api.post('/v1/syncs/people/runs', {}, headers),
    ];
    expect(two.headers.get('idempotent-replayed')).toBe('true');
    expect((await started(two)).run.id).toBe(one.run.id);
    const other = await api.post('/v1/syncs/people/runs', { full: true }, headers);
    expect(other.status).toBe(409);
    expect(await json(other)).toMatchObject({ code: 'idempotency_conflict' });
    await events(one.run.id);
  });

  it('waits for an approval, and is declined', async () => {
    await installation.warehouse.query("update people set email = 'new' where user_id in ('1', '2')");
    const { run } = await started(await api.post('/v1/syncs/people/runs', { review: true }));
    for (;;) {
      const { status } = await json<Run>(await api.fetch(`/v1/runs/${run.id}`));
      if (status === 'awaiting_approval') break;
      expect(status).not.toBe('failed');
    }
    expect(await json(await api.fetch(`/v1/runs/${run.id}/recap`))).toMatchObject({ rows: { changed: 2 } });
    expect((await api.post(`/v1/runs/${run.id}/decline`)).status).toBe(200);
    expect((await events(run.id)).at(-1)?.run.status).toBe('cancelled');
    const again = await api.post(`/v1/runs/${run.id}/approve`);
    expect([again.status, await json(again)]).toMatchObject([409, { code: 'run_ended' }]);
  });

  it('of one key shows what left and what came back, and is in the history of the key', async () => {
    const { run } = await started(await api.post('/v1/syncs/people/send', { key: '7' }));
    await events(run.id);
    const sent = await json(await api.post(`/v1/runs/${run.id}/sent`, { key: '7' }));
    expect(sent).toMatchObject({ key: '7', outcome: 'accepted', answer: { status: 200 } });
    const lines = (await (await api.post('/v1/syncs/people/history', { key: '7' })).text())
      .trim()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ run: run.id, outcome: 'accepted' });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: { more: false } });
  });
});

it.each([
  ['/v1/syncs/people/runs', {}],
  ['/v1/syncs/people/send', { key: '8' }],
])('POST %s under one Idempotency-Key is one run, also by two API keys', async (path, body) => {
  const post = (role: Role): Promise<Response> =>
    api.fetch(path, {
      method: 'POST',
      role,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': `two keys ${path}` },
    });
  const first = await started(await post('admin'));
  const second = await started(await post('operator'));
  expect([first.how, second.run.id]).toEqual(['started', first.run.id]);
  await events(first.run.id);
  const third = await started(await api.post(path, body, { 'idempotency-key': `two keys ${path} again` }));
  expect(third.run.id).not.toBe(first.run.id);
  await events(third.run.id);
});

describe('what is not right is told as a problem document', () => {
  it.each([
    ['GET', '/v1/runs/00000000-0000-0000-0000-000000000000', undefined, 404, 'run_not_found'],
    ['POST', '/v1/syncs/nobody/runs', {}, 404, 'sync_not_found'],
    ['GET', '/v1/nowhere?secret=planted', undefined, 404, 'route_not_found'],
    ['POST', '/v1/syncs/people/runs', { full: 'planted-value' }, 400, 'request_invalid'],
    ['GET', '/v1/runs?limit=0', undefined, 400, 'request_invalid'],
    ['GET', '/v1/runs/00000000-0000-0000-0000-000000000000/rows', undefined, 404, 'run_not_found'],
    ['GET', '/v1/runs/00000000-0000-0000-0000-000000000000/events', undefined, 404, 'run_not_found'],
    ['POST', '/v1/connections/nobody/check', {}, 404, 'connection_not_found'],
    ['DELETE', '/v1/definitions/alerts/nope', undefined, 404, 'alert_not_found'],
    ['POST', '/v1/notifications/nope/redeliver', {}, 404, 'notification_not_found'],
  ])('%s %s', async (method, path, body, status, code) => {
    const response = await api.fetch(path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({
      type: `urn:backhaul:error:${code}`,
      status,
      code,
      title: expect.any(String),
      action: expect.any(String),
    });
    expect(response.status).toBe(status);
    expect(text).not.toContain('planted');
  });

  it('a body that is no JSON, and one that is too large', async () => {
    const headers = { 'content-type': 'application/json' };
    const broken = await api.fetch('/v1/syncs/people/runs', { method: 'POST', body: '{', headers });
    expect([broken.status, await json(broken)]).toMatchObject([400, { code: 'request_invalid' }]);
    const large = await api.fetch('/v1/syncs/people/runs', {
      method: 'POST',
      body: JSON.stringify({ x: 'x'.repeat(5_000_000) }),
      headers,
    });
    expect([large.status, await json(large)]).toMatchObject([413, { code: 'request_too_large' }]);
  });
});

describe('keys', () => {
  it('each may what its role may, and no more', async () => {
    const status = async (
      role: 'viewer' | 'operator' | null,
      path: string,
      method = 'GET',
    ): Promise<number> => (await api.fetch(path, { role, method })).status;
    expect(await status(null, '/v1/runs')).toBe(401);
    expect(await status('viewer', '/v1/runs')).toBe(200);
    expect(await status('viewer', '/v1/syncs/people/runs', 'POST')).toBe(403);
    expect(await status('viewer', '/v1/runs/x/rows')).toBe(403);
    expect(await status('operator', '/v1/syncs/people/pause', 'POST')).toBe(404);
    expect(await status('operator', '/v1/keys')).toBe(403);
    expect(await status(null, '/healthz')).toBe(200);
    expect(await json(await api.fetch('/readyz', { role: null }))).toEqual({
      ready: true,
      checks: { temporal: null, ledger: null, blobs: null },
    });
  });

  it('are shown once, noted when used, and prove nothing once they are revoked or expired', async () => {
    const made = await json<{ key: { id: string }; text: string }>(
      await api.post('/v1/keys', { name: 'ci', role: 'viewer' }),
    );
    const call = (authorization: string): Promise<Response> =>
      fetch(`${api.url}/v1/runs`, { headers: { authorization } });
    expect((await call(`Bearer ${made.text}`)).status).toBe(200);
    expect((await call(`Basic ${Buffer.from(`bearer:${made.text}`).toString('base64')}`)).status).toBe(200);
    expect((await call(`Bearer ${made.text.slice(0, -1)}x`)).status).toBe(401);
    const listed = JSON.stringify(await json(await api.fetch('/v1/keys')));
    expect(listed).toContain(made.key.id);
    // The secret itself may hold a `_`.
    expect(listed).not.toContain(made.text.replace(/^bh_[0-9a-f]{12}_/, ''));
    expect((await api.fetch(`/v1/keys/${made.key.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await call(`Bearer ${made.text}`)).status).toBe(401);

    const expiring = await installation.backhaul.keys.create({
      name: 'short',
      role: 'viewer',
      expiresAt: new Date(Date.now() + 1500).toISOString(),
    });
    while ((await call(`Bearer ${expiring.text}`)).status === 200)
      await new Promise((r) => setTimeout(r, 100));
    expect(await json(await call(`Bearer ${expiring.text}`))).toMatchObject({ code: 'unauthenticated' });
  });

  it('a new key is not given twice under one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'make-a-key' };
    expect((await api.post('/v1/keys', { name: 'once', role: 'viewer' }, headers)).status).toBe(200);
    const again = await api.post('/v1/keys', { name: 'once', role: 'viewer' }, headers);
    expect([again.status, await json(again)]).toMatchObject([409, { code: 'idempotency_conflict' }]);
    expect((await installation.backhaul.keys.list()).filter(({ name }) => name === 'once')).toHaveLength(1);
  });

  it('what was done is not done again when its record in the audit log failed', async () => {
    const headers = { 'idempotency-key': 'unrecorded' };
    const make = (): Promise<Response> =>
      api.post('/v1/keys', { name: 'unrecorded', role: 'viewer' }, headers);
    await installation.ledger.query(`
      create function backhaul.refuse() returns trigger language plpgsql as $$ begin raise 'planted'; end $$;
      create trigger refuse before insert on backhaul.audit for each row execute function backhaul.refuse()`);
    expect((await make()).status).toBe(500);
    await installation.ledger.query('drop trigger refuse on backhaul.audit; drop function backhaul.refuse');
    const again = await make();
    expect([again.status, await json(again)]).toMatchObject([409, { code: 'idempotency_conflict' }]);
    const keys = await installation.backhaul.keys.list();
    expect(keys.filter(({ name }) => name === 'unrecorded')).toHaveLength(1);
  });

  it('what is kept of a named request is no digest that a password is found by', async () => {
    const body = { name: 'digest', role: 'viewer' };
    expect((await api.post('/v1/keys', body, { 'idempotency-key': 'digest' })).status).toBe(200);
    const [row] = await installation.ledger.query(
      "select request from backhaul.api_answers where request_key = 'digest'",
    );
    const texts = [{ ...body, expiresAt: null }, body].map((one) => `POST /v1/keys\n${canonicalJson(one)}`);
    const plain = texts.map((text) => createHash('sha256').update(text).digest('hex'));
    expect(row).toEqual({ request: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(plain).not.toContain(row?.request);
  });

  it('changes and looks at row values are in the audit log, without values', async () => {
    await api.post('/v1/models/people/preview', { limit: 1 });
    const entries = await json<{ action: string; target: string; status: number; key: { name: string } }[]>(
      await api.fetch('/v1/audit?limit=1000'),
    );
    expect(entries[0]).toMatchObject({
      action: 'POST /v1/models/:name/preview',
      target: 'people',
      status: 200,
      key: { name: 'test admin' },
    });
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'GET /v1/runs/:id/rows',
        key: expect.objectContaining({ name: 'test operator' }),
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'POST /v1/syncs/:name/runs', target: 'people', status: 201 }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'POST /v1/syncs/:name/runs', status: 403 }),
    );
    expect(JSON.stringify(entries)).not.toContain('@planted');
  });
});

describe('definitions by the HTTP API', () => {
  const model = { connection: 'warehouse', sql: 'select user_id from people' };
  const change = { kind: 'model', name: 'ids', change: 'added', fields: ['connection', 'sql'] };

  it('are checked, planned, added and removed one by one', async () => {
    const put = (path: string, body: object): Promise<Response> =>
      api.fetch(path, {
        method: 'PUT',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const wrong = await put('/v1/definitions/models/ids', { ...model, sqll: 'x' });
    expect([wrong.status, await json(wrong)]).toMatchObject([422, { code: 'definitions_invalid' }]);
    const files = await put('/v1/definitions/models/ids', {
      connection: 'warehouse',
      sqlFile: '/etc/passwd',
    });
    expect(files.status).toBe(422);
    expect(await files.text()).not.toContain('root:');
    const dry = await put('/v1/definitions/models/ids?validate_only=true', model);
    expect((await json<{ changes: object[] }>(dry)).changes).toContainEqual(change);
    expect((await installation.backhaul.definitions.get()).models).not.toHaveProperty('ids');
    expect(
      (await json<{ changes: object[] }>(await put('/v1/definitions/models/ids', model))).changes,
    ).toEqual([change]);
    const sync = { model: 'ids', destination: 'segment', key: { from: 'user_id', to: 'userId' } };
    const hook = { type: 'webhook', url: 'https://example.com', signingSecret: '${HOOK_SECRET}' };
    const alert = { to: ['hook'], syncs: ['ids'], when: { failed: true } };
    for (const [path, one] of Object.entries({
      'syncs/ids': sync,
      'connections/hook': hook,
      'alerts/ids': alert,
    })) {
      const { changes } = await json<{ changes: object[] }>(await put(`/v1/definitions/${path}`, one));
      expect(changes).toContainEqual(expect.objectContaining({ change: 'added' }));
    }
    const nobody = await put('/v1/definitions/alerts/ids', { ...alert, to: ['warehouse'] });
    expect(await json(nobody)).toMatchObject({ code: 'definitions_invalid' });
    for (const path of ['alerts/ids', 'connections/hook', 'syncs/ids'])
      expect((await api.fetch(`/v1/definitions/${path}`, { method: 'DELETE' })).status).toBe(200);
    const needed = await api.fetch('/v1/definitions/models/people', { method: 'DELETE' });
    expect([needed.status, await json(needed)]).toMatchObject([422, { code: 'definitions_invalid' }]);
    expect((await api.fetch('/v1/definitions/models/ids', { method: 'DELETE' })).status).toBe(200);
    expect((await installation.backhaul.definitions.get()).models).not.toHaveProperty('ids');
  });

  it('a plan that was made against other definitions is not applied', async () => {
    const given = { definitions: { models: { ids: model } } };
    const { basis } = await json<{ basis: string }>(await api.post('/v1/definitions/plan', given));
    await installation.sync('another', 'select user_id from people');
    const response = await api.post('/v1/definitions/apply', { ...given, basis });
    expect([response.status, await json(response)]).toMatchObject([409, { code: 'definitions_changed' }]);
    expect((await api.post('/v1/definitions/apply', given)).status).toBe(200);
  });

  describe('that come at the same time', () => {
    const put = (path: string, body: object): Promise<Response> =>
      api.fetch(`/v1/definitions/${path}`, {
        method: 'PUT',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const sync = { model: 'people', destination: 'segment', key: { from: 'user_id', to: 'userId' } };
    const prefix = () => installation.env.BACKHAUL_INSTALLATION ?? '';
    const describeSchedule = (id: string) =>
      installation.temporal.schedule.getHandle(`${prefix()}/${id}`).describe();

    it('bring no removed one back', async () => {
      const names = Array.from({ length: 20 }, (_, position) => `at_once_${position}`);
      await Promise.all(names.map((name) => put(`syncs/${name}`, sync)));
      const { syncs } = await installation.backhaul.definitions.get();
      expect(Object.keys(syncs)).toEqual(expect.arrayContaining(names));
      const responses = await Promise.all(
        names.map((name) => api.fetch(`/v1/definitions/syncs/${name}`, { method: 'DELETE' })),
      );
      expect(responses.map(({ status }) => status)).toEqual(names.map(() => 200));
      expect(Object.keys((await installation.backhaul.definitions.get()).syncs)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^at_once/)]),
      );
    });

    it('keep the schedules and the look at the alerts that each of them asks for', async () => {
      await put('connections/hook', {
        type: 'webhook',
        url: 'https://example.com',
        signingSecret: '${HOOK_SECRET}',
      });
      const cron = (hour: number) => ({ cron: `0 ${hour} 29 2 *` });
      await put('syncs/y', { ...sync, schedule: cron(1) });
      const responses = await Promise.all([
        put('alerts/first', { to: ['hook'], when: { failed: true } }),
        ...Array.from({ length: 5 }, (_, hour) =>
          put(`syncs/beside_${hour}`, { ...sync, schedule: cron(hour) }),
        ),
        put('syncs/y', { ...sync, schedule: cron(7) }),
      ]);
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
      expect((await describeSchedule('schedule/y')).spec.calendars).toMatchObject([
        { hour: [{ start: 7, end: 7 }] },
      ]);
      expect((await describeSchedule('alerts')).state.paused).toBe(false);
      for (const path of ['alerts/first', 'connections/hook', 'syncs/y'])
        expect((await api.fetch(`/v1/definitions/${path}`, { method: 'DELETE' })).status).toBe(200);
      for (let hour = 0; hour < 5; hour++)
        await api.fetch(`/v1/definitions/syncs/beside_${hour}`, { method: 'DELETE' });
      await expect(describeSchedule('alerts')).rejects.toThrow('not found');
    });
  });

  it.each([
    [
      'what a model reads of made a webhook',
      'warehouse',
      { type: 'webhook', url: 'https://example.com', signingSecret: '${HOOK_SECRET}' },
    ],
    ['a secret that was never given', 'secretless', { type: 'postgres', url: '${secret:url}' }],
  ])('a connection that could not work is not stored: %s', async (_, name, definition) => {
    const before = (await installation.backhaul.definitions.get()).connections[name];
    const response = await api.post('/v1/connections', {
      connections: { [name]: { definition, secrets: {} } },
    });
    expect([response.status, await json(response)]).toMatchObject([422, { code: 'definitions_invalid' }]);
    expect((await installation.backhaul.definitions.get()).connections[name]).toEqual(before);
  });

  it('a secret that stands in them is never shown', async () => {
    await installation.define({
      connections: {
        literal: { type: 'postgres', url: `postgres://reader:${WRITE_KEY}@127.0.0.1/app` },
      },
    });
    expect(await (await api.fetch('/v1/definitions', { role: 'viewer' })).text()).not.toContain(WRITE_KEY);
  });

  it.each([
    ['a variable that is not listed', { type: 'postgres', url: '${HOME}' }, 403, 'reference_not_allowed'],
    ['a file of the worker', { type: 'postgres', url: '${file:/etc/passwd}' }, 403, 'reference_not_allowed'],
    [
      'a secret in plain sight',
      { type: 'postgres', url: 'postgres://a:planted@db.example.com/x' },
      422,
      'definitions_invalid',
    ],
    [
      'the metadata of the cloud',
      { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: 'http://169.254.169.254/latest' },
      403,
      'address_not_allowed',
    ],
    [
      'an address as one number',
      { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: 'http://2852039166/' },
      403,
      'address_not_allowed',
    ],
    [
      'a private network in IPv6',
      { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: 'http://[::ffff:10.0.0.1]/' },
      403,
      'address_not_allowed',
    ],
    [
      'a database inside',
      { type: 'postgres', url: 'postgres://192.168.1.5/app' },
      403,
      'address_not_allowed',
    ],
    [
      'the identity of the worker at Google',
      { type: 'bigquery', projectId: 'p' },
      403,
      'worker_identity_not_allowed',
    ],
    ['it for sheets', { type: 'google_sheets' }, 403, 'worker_identity_not_allowed'],
    [
      'the identity of the worker at AWS',
      { type: 'redshift', read: 'data_api', database: 'd', workgroup: 'w', region: 'eu-west-1' },
      403,
      'worker_identity_not_allowed',
    ],
  ])('may not name %s', async (_, connection, status, code) => {
    const response = await api.post('/v1/definitions/apply', {
      definitions: { connections: { sneaky: connection } },
    });
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([status, { code }]);
    expect(text).not.toContain('planted');
    expect((await installation.backhaul.definitions.get()).connections).not.toHaveProperty('sneaky');
  });
});

it('the reference and the OpenAPI document are shown to who has no key, with all that the page loads', async () => {
  const page = await (await api.fetch('/reference', { role: null })).text();
  const loads = [...page.matchAll(/(?:src|href)="\.?([^"]+)"/g)].map(([, path = '']) => path);
  expect(loads.length).toBeGreaterThan(3);
  for (const path of [...loads, '/openapi.json'])
    expect([path, (await api.fetch(path, { role: null })).status]).toEqual([path, 200]);
});

it.each<[string, Role, string, object, number]>([
  ['what its role forbids', 'viewer', '/v1/keys', {}, 403],
  ['what is not understood', 'admin', '/v1/keys', { role: 'king' }, 400],
  ['what was answered before', 'admin', '/v1/syncs/people/runs', {}, 201],
])('a key is slowed down for %s too', async (_, role, path, body, status) => {
  const slow = await startApi(installation, { requestsPerMinute: 3 });
  try {
    const entries = async (): Promise<number> =>
      (await installation.backhaul.audit.list({ limit: 1000 })).length;
    const ask = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'again' };
      return (await slow.fetch(path, { role, method: 'POST', body: JSON.stringify(body), headers })).status;
    };
    const before = await entries();
    for (let i = 0; i < 3; i++) expect(await ask()).toBe(status);
    for (let i = 0; i < 3; i++) expect(await ask()).toBe(429);
    expect(await entries()).toBe(before + 3);
    for (let i = 0; i < 6; i++) expect((await slow.fetch('/healthz', { role: null })).status).toBe(200);
  } finally {
    await slow.close();
  }
});

it('a key is slowed down above its rate, and says for how long', async () => {
  const slow = await startApi(installation, { requestsPerMinute: 3 });
  try {
    const answers: Response[] = [];
    for (let i = 0; i < 4; i++) answers.push(await slow.fetch('/v1/schedules', { role: 'viewer' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await json(answers[3] as Response)).toMatchObject({ code: 'too_many_requests' });
  } finally {
    await slow.close();
  }
});
