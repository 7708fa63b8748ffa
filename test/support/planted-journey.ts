import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { contract } from '../../client/api/contract/contract.ts';
import type { Endpoint } from '../../client/api/contract/endpoint.ts';
import type { Run } from '../../vocabulary/run.ts';
import { row, secret, values, withUser, type PlantedInstallation } from './planted-installation.ts';
import { until } from './until.ts';

/** Of a warehouse, one that refuses, and Segment. */
const definitionsOf = (trackingUrl: string, segment: object = {}): string =>
  JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' },
      locked: { type: 'postgres', url: '${WRONG_URL}' },
      segment: {
        type: 'segment',
        writeKey: '${SEGMENT_WRITE_KEY}',
        trackingUrl,
        eventsPerSecond: 100_000,
        ...segment,
      },
      // Which refuses, since nothing is there.
      hook: {
        type: 'webhook',
        url: `${trackingUrl}/hook`,
        signingSecret: '${HOOK_SIGNING}',
        authorization: '${HOOK_AUTHORIZATION}',
      },
    },
    alerts: { failing: { to: ['hook'], when: { failed: true } } },
    models: {
      people: { connection: 'warehouse', sql: 'select id as user_id, email, name from people order by n' },
      cast: { connection: 'warehouse', sql: 'select email::int as user_id, name from people' },
      locked: { connection: 'locked', sql: 'select id as user_id from people' },
    },
    syncs: Object.fromEntries(
      ['people', 'cast', 'locked'].map((name) => [
        name,
        { model: name, destination: 'segment', key: { from: 'user_id', to: 'userId' }, properties: 'all' },
      ]),
    ),
  });

/** Everything that an installation does and that can go wrong, by the command and by the API. */
export async function journey(installation: PlantedInstallation): Promise<void> {
  const { apiUrl, keys } = installation;
  const byApi = { BACKHAUL_URL: apiUrl, BACKHAUL_API_KEY: keys.admin };
  await definitionsByCommand(installation, byApi);
  const run = await runsThatSucceedAndFail(installation);
  for (const env of [{}, byApi]) await looks(installation, run, env);
  await requests(installation, run);
  await aCrash(installation);
  await wrongSettings(installation);
}

async function definitionsByCommand(
  { command, folder, here, publicApi }: PlantedInstallation,
  byApi: NodeJS.ProcessEnv,
): Promise<void> {
  const definitions = (segment?: object): string => definitionsOf(here.receiver.url, segment);
  const good = join(folder, 'good.yaml');
  await writeFile(good, definitions());
  expect(await command(['apply', good, '--yes'])).toMatchObject({ code: 0 });
  const bad: Record<string, string> = {
    'key.yaml': definitions({ writekey: secret.typed }),
    'type.yaml': definitions({ writeKey: { is: secret.typed } }),
    'scheme.yaml': definitions().replace(
      '${WAREHOUSE_URL}',
      `mysql://reader:${secret.typed}@db.example.com/app`,
    ),
    'reference.yaml': definitions({ writeKey: `\${${secret.typed}-}` }),
    'syntax.yaml': `version: 1\nconnections:\n  segment: { type: segment, writeKey: "${secret.typed}\n`,
    'literal.yaml': definitions({ writeKey: secret.typed }),
  };
  for (const [name, text] of Object.entries(bad)) {
    await writeFile(join(folder, name), text);
    await command(['validate', join(folder, name)]);
    await command(['apply', join(folder, name), '--dry-run']);
    await command(['apply', join(folder, name), '--yes'], { env: byApi });
  }
  const tracking = ['--set', `trackingUrl=${here.receiver.url}`, '--set', `publicApiUrl=${publicApi.url}`];
  const byToken = ['connect', 'segment', 'by_token', '--token-stdin', ...tracking];
  expect(await command(byToken, { input: secret.token })).toMatchObject({ code: 0 });
  await command([...byToken, '--yaml'], { input: secret.token });
  await command(byToken, { input: `Bearer ${secret.typed}` });
  const stored = ['connect', 'postgres', 'stored', '--secret-stdin', 'url'];
  expect(await command(stored, { input: String(here.env.WAREHOUSE_URL) })).toMatchObject({ code: 0 });
  await command([...stored, '--yaml'], { input: String(here.env.WAREHOUSE_URL) });
  expect(
    await command(['connect', 'postgres', 'shut', '--secret-stdin', 'url'], {
      input: String(here.env.WRONG_URL),
    }),
  ).toMatchObject({ code: 1 });
  await command(['connect', 'postgres', 'shut', '--secret-stdin', 'url'], {
    input: `mysql://a:${secret.typed}@b/c`,
  });
  await command(
    ['connect', 'postgres', 'shut', '--set', `password=${secret.typed}`, '--secret-stdin', 'url'],
    {
      // What a person typed on the command line is theirs; it is not said again.
      where: 'connect with a password on the command line',
      input: 'x',
    },
  );
  await command(['rotate-key']);
  await command(['upgrade-check']);
}

/** @returns a run with rows that Segment rejected, and invalid ones */
async function runsThatSucceedAndFail({ command, here }: PlantedInstallation): Promise<string> {
  const refusal = { status: 400, body: `{"error":"${secret.writeKey} ${row.rejected} ${row.email}"}` };
  here.receiver.respond(({ body }) => (body.includes(row.rejected) ? refusal : 'accept'));
  const first = JSON.parse((await command(['run', 'people', '--json'])).out) as Run;
  expect(first).toMatchObject({ messages: { accepted: 999, rejected: 1 }, rows: { invalid: 3 } });
  await here.warehouse.query(`update people set name = '${row.changed}' where n > 990`);
  here.receiver.respond(({ body }) => ({ status: 403, body: `${secret.writeKey} ${body}` }));
  expect(JSON.parse((await command(['run', 'people', '--json'])).out)).toMatchObject({
    error: { code: 'segment_refused' },
  });
  let asked = 0;
  here.receiver.respond(({ body }) => ((asked += 1) < 3 ? { status: 503, body } : 'accept'));
  expect(await command(['run', 'people'])).toMatchObject({ code: 0 });
  here.receiver.respond(null);
  for (const [sync, code] of [
    ['cast', 'source_query_failed'],
    ['locked', 'source_credentials'],
  ] as const)
    expect(JSON.parse((await command(['run', sync, '--json'])).out)).toMatchObject({
      status: 'failed',
      error: { code },
    });
  await command(['retry', first.id]);
  return first.id;
}

/** What looks at things: most of it shows no row, and the rest only because it is asked to. */
async function looks(
  { command, here }: PlantedInstallation,
  run: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const plain = [
    ...['connections', 'models', 'syncs', 'runs'].map((kind) => ['list', kind, '--json']),
    ...['stored', 'by_token', 'segment', 'locked'].map((name) => ['describe', `connection/${name}`]),
    ...[
      ['export'],
      ['export', '--json'],
      ['describe', run],
      ['runs', 'people'],
      ['schedules'],
      ['audit'],
      ['alerts'],
      ['notifications', '--json'],
    ],
    ...[
      ['keys', 'list'],
      ['check', 'warehouse', 'stored', 'locked', 'segment', 'by_token'],
    ],
    ...[
      ['preview', 'cast'],
      ['preview', 'locked'],
      ['recap', 'locked'],
    ],
    ['connect', 'postgres', 'again', '--secret-stdin', 'url'],
  ];
  for (const args of plain)
    await command(args, { env, input: args[0] === 'connect' ? String(here.env.WRONG_URL) : '' });
  const rows = [
    ...[
      ['preview', 'people'],
      ['recap', 'people'],
      ['rows', run, '--json'],
    ],
    ['rows', run, '--payload', '--json'],
    ['history', 'people', '--key', `${row.key}5`, '--payload'],
    ['send', 'people', '--key', `${row.key}5`],
  ];
  for (const args of rows) {
    const { code, err, out } = await command(args, { env, holdsRows: true });
    expect({ args, code, err }).toMatchObject({ code: 0 });
    if (values.foundIn(out + err).length === 0) throw new Error(`no value in ${args.join(' ')}: ${out}`);
  }
}

/** Every address of the API, by every role; and what is not to be done by it. */
async function requests({ call, here, post }: PlantedInstallation, run: string): Promise<void> {
  const at = (path: string): string =>
    path.replace(':id', run).replace(':name', 'people').replace(':kind', 'models');
  for (const { method, path, rowValues } of Object.values<Endpoint>(contract)) {
    if (method !== 'GET') {
      for (const as of [null, 'viewer'] as const) await post(as, at(path), { key: row.key });
      continue;
    }
    for (const as of [null, 'viewer', 'operator', 'admin'] as const)
      await call(as, at(path), {}, rowValues === true && (as === 'operator' || as === 'admin'));
  }
  for (const [path, body] of [
    ['/v1/models/cast/preview', {}],
    ['/v1/models/locked/preview', {}],
    ['/v1/syncs/cast/recap', {}],
    ['/v1/connections/locked/check', {}],
  ] as const)
    await post('operator', path, body);
  await post('operator', '/v1/models/people/preview', {}, true);
  await post('operator', '/v1/syncs/people/send', { key: `${row.key}9` }, true);
  const segment = { type: 'segment', trackingUrl: here.receiver.url };
  const postgres = { type: 'postgres', url: '${secret:url}' };
  for (const definition of [
    { ...segment, writeKey: secret.typed },
    { ...segment, writekey: secret.typed },
    { ...segment, writeKey: [secret.typed] },
    { ...postgres, url: `mysql://a:${secret.typed}@db.example.com/x` },
    { ...postgres, url: `postgres://a:${secret.typed}@db.example.com/x` },
    { ...postgres, url: `postgres://a:${secret.typed}@10.0.0.1/x` },
  ]) {
    await post('admin', '/v1/definitions/plan', { definitions: { connections: { typed: definition } } });
    await call('admin', '/v1/definitions/connections/typed', {
      method: 'PUT',
      body: JSON.stringify(definition),
    });
    const withSecrets = { definition, secrets: { url: `postgres://a:${secret.typed}@127.0.0.1:1/x` } };
    await post('admin', '/v1/connections', { connections: { typed: withSecrets } });
    await post('admin', '/v1/connections/typed/check-new', withSecrets);
  }
  for (const url of [
    `mysql://a:${secret.typed}@127.0.0.1/x`,
    `postgres://a:${secret.typed}@169.254.169.254/x`,
    String(here.env.WRONG_URL),
  ])
    await post('admin', '/v1/connections/typed/check-new', { definition: postgres, secrets: { url } });
  await call('admin', '/v1/connections', { method: 'POST', body: `{"secret": "${secret.typed}"` });
  await call(null, '/v1/runs', { headers: { authorization: `Bearer bh_0123456789ab_${secret.forged}` } });
  await call(null, `/v1/runs?api_key=${secret.forged}`);
  await call('viewer', `/v1/runs?limit=${secret.forged}`);
  await post('viewer', '/v1/syncs/people/history', { key: row.key });
}

async function aCrash(installation: PlantedInstallation): Promise<void> {
  const { here, worker } = installation;
  await here.warehouse.query(`update people set email = '${row.email}' || 'crash'`);
  // What was sent last by the API still has its run.
  await until(async () => {
    const open = await here.ledger.query("select 1 from backhaul.runs where sync = 'people' and open");
    return open.length === 0;
  });
  here.receiver.respond(() => ({ delayMs: 1500 }));
  const handle = await here.backhaul.syncs.run('people', { full: true });
  await until(async () => {
    const sql = 'select 1 from backhaul.posts where run_id = $1 and outcome is null';
    return (await here.ledger.query(sql, [handle.id])).length > 0;
  });
  worker.kill('SIGKILL');
  await worker.exited;
  here.receiver.respond(null);
  installation.worker = await here.startWorker();
  expect(await handle.result()).toMatchObject({ status: 'completed' });
}

async function wrongSettings({ apiUrl, command, here, role }: PlantedInstallation): Promise<void> {
  for (const env of [
    { BACKHAUL_DATABASE_URL: withUser(here.ledger.url, role, secret.typed) },
    { BACKHAUL_DATABASE_URL: `mysql://a:${secret.typed}@127.0.0.1/x` },
    { BACKHAUL_ENCRYPTION_KEYS: secret.typed },
    { BACKHAUL_BLOBS: `s3://${secret.typed}:${secret.typed}@bucket` },
    { TEMPORAL_API_KEY: secret.temporalKey },
    { BACKHAUL_URL: apiUrl, BACKHAUL_API_KEY: `bh_0123456789ab_${secret.forged}` },
    { BACKHAUL_URL: `http://a:${secret.typed}@127.0.0.1:1` },
  ]) {
    await command(['check', 'stored'], { env });
  }
}
