import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../dev/free-port.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { required } from '../support/required.ts';
import { readCompose, serviceOf } from './compose-file.ts';
import { startContainer, type Container, type Surroundings } from './container.ts';

const password = randomBytes(12).toString('hex');
const compose = await readCompose({
  POSTGRES_PASSWORD: 'unused',
  TEMPORAL_DB_PASSWORD: 'unused',
  BACKHAUL_DB_PASSWORD: password,
});

describe('the commands of docker-compose.yml, run as processes', () => {
  const role = `ledger_${randomBytes(6).toString('hex')}`;
  const started: Container[] = [];
  let folder: string;
  let database: TestDatabase;
  let surroundings: Surroundings;

  const start = (
    name: string,
    command = serviceOf(compose, name).command ?? [],
    env: Record<string, string> = {},
  ): Container => {
    const container = startContainer(serviceOf(compose, name), command, {
      ...surroundings,
      environment: { ...surroundings.environment, ...env },
    });
    started.push(container);
    return container;
  };
  const finish = async (container: Container): Promise<string> => {
    const { code } = await container.exited;
    if (code !== 0) throw new Error(`It ended with ${code}:\n${container.said()}`);
    return container.said();
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backhaul-compose-'));
    await mkdir(join(folder, 'bin'));
    await symlink(required('TEMPORAL_CLI_PATH'), join(folder, 'bin', 'temporal'));
    // As deploy/postgres/create-databases.sql has it: a role that owns its database and may do nothing else.
    database = await freshDatabase();
    const { host, pathname } = new URL(database.url);
    const name = pathname.slice(1);
    await database.query(`create role ${role} login password '${password}'`);
    await database.query(`alter database ${name} owner to ${role}`);
    await database.query(`revoke all on database ${name} from public`);
    await database.query('create schema app');
    await database.query(
      "create table app.users as select 7 as id, 'ada@example.com' as email, 'pro' as plan",
    );
    surroundings = {
      places: new Map([
        ['postgresql://backhaul:', `postgresql://${role}:`],
        ['@postgres:5432/backhaul', `@${host}/${name}`],
        ['temporal:7233', required('TEST_TEMPORAL_ADDRESS')],
        ['/var/lib/backhaul', join(folder, 'data')],
      ]),
      environment: {
        PATH: [join(folder, 'bin'), required('PATH')].join(delimiter),
        HOME: folder,
        TMPDIR: folder,
      },
    };
  });

  afterAll(async () => {
    for (const container of started) container.stop('SIGKILL');
    await Promise.all(started.map(({ exited }) => exited));
    await database.query(`reassign owned by ${role} to current_user`);
    await database.query(`drop owned by ${role}`);
    await database.query(`drop role ${role}`);
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('makes the namespace, and finds it the second time', async () => {
    const first = await finish(start('temporal-namespace'));
    expect(first).toContain('namespace backhaul takes work');
    expect(await finish(start('temporal-namespace'))).toContain('namespace backhaul is there');
  });

  it('migrates the ledger and registers the search attributes, and has nothing to do the second time', async () => {
    const first = await finish(start('backhaul-migrate'));
    expect(first).toMatch(/^ledger: applied 0001-initial/m);
    expect(first).toMatch(/^Temporal: registered BackhaulSync, /m);
    expect(await finish(start('backhaul-migrate'))).toMatch(
      /^ledger: nothing to do\nTemporal: nothing to do$/m,
    );
  });

  it('runs two workers that do what the command line asks for, and leave within the grace when they are stopped', async () => {
    const { stop_grace_period: grace = '' } = serviceOf(compose, 'backhaul-worker');
    expect(grace).toMatch(/^\d+s$/);
    // Containers have an address each; here they share one.
    const own = { BACKHAUL_WORKER_PORT: '0' };
    const warehouse = { ...own, WAREHOUSE_URL: database.url, SEGMENT_WRITE_KEY: 'key' };
    const workers = [1, 2].map(() => start('backhaul-worker', undefined, warehouse));
    await Promise.all(workers.map((worker) => worker.says('polls backhaul at')));

    expect(await finish(start('backhaul', ['validate', '/definitions']))).toBeDefined();
    await finish(start('backhaul', ['apply', '/definitions', '--yes']));
    expect(await finish(start('backhaul', ['preview', 'active_users']))).toContain('ada@example.com');

    const stopped = performance.now();
    for (const worker of workers) worker.stop('SIGTERM');
    for (const worker of workers) expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - stopped).toBeLessThan(parseInt(grace) * 1000);
  });

  it('answers by the HTTP API to a key that the command line has made, and is healthy for as long as it does', async () => {
    const port = `${await freePort()}`;
    const [, ...check] = serviceOf(compose, 'backhaul-api').healthcheck?.test ?? [];
    const isHealthy = async (): Promise<boolean> => {
      const [program = '', ...args] = check.map((word) => word.replace('8420', port));
      return promisify(execFile)(program, args).then(
        () => true,
        () => false,
      );
    };
    expect(await isHealthy()).toBe(false);
    const api = start('backhaul-api', undefined, { BACKHAUL_PORT: port });
    await api.says('listens at');
    expect(await isHealthy()).toBe(true);

    const said = await finish(start('backhaul', ['keys', 'create', '--role', 'viewer', '--name', 'airflow']));
    const [key = ''] = /bh_\S+/.exec(said) ?? [];
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`http://127.0.0.1:${port}/v1/runs`, { headers })).status).toBe(200);

    api.stop('SIGTERM');
    expect(await api.exited).toEqual({ code: 0, signal: null });
    expect(await isHealthy()).toBe(false);
  });
});
