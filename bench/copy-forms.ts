/**
 * `npm run bench:copy [-- ROWS]`: how long PostgreSQL takes to hand over the model's rows in each form that a source could
 * read, to somebody who does nothing with them. The Postgres source uses "text, canonical".
 *
 * @module
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { freePort } from '../dev/free-port.ts';
import { clusterUrl, openPostgresCluster } from '../dev/postgres-cluster.ts';
import { awaitPostgres, postgresProgram } from '../dev/postgres-server.ts';
import { choosePostgresSite } from '../dev/postgres-site.ts';
import { spawnLogged } from '../dev/spawn-logged.ts';
import { openPostgres } from '../sources/postgres/open-postgres.ts';
import { MAX_VALUE_BYTES } from '../vocabulary/spool.ts';
import { loadUsers, MODEL } from './sample-users.ts';

const DEFAULT_ROWS = 1_000_000;
const ROUNDS = 5;

const rows = Number(process.argv[2] ?? DEFAULT_ROWS);
const folder = await mkdtemp(join(tmpdir(), 'backhaul-copy-'));
await chmod(folder, 0o755);
const cluster = await openPostgresCluster(await choosePostgresSite(join(folder, 'postgres')));
const port = await freePort();
const server = await spawnLogged(postgresProgram(cluster, port), join(folder, 'postgres.log'));
try {
  await awaitPostgres(cluster, port, server);
  const url = clusterUrl(cluster, port, 'postgres');
  await loadUsers(url, rows);
  await measure(url);
} finally {
  server.kill('SIGINT');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
}

async function measure(url: string): Promise<void> {
  const forms: Record<string, () => Promise<void>> = {
    'text, columns as they are': () => copy(url, `copy (${MODEL}) to stdout`),
    'text, canonical': () => canonical(url),
    csv: () => copy(url, `copy (${MODEL}) to stdout (format csv)`),
    binary: () => copy(url, `copy (${MODEL}) to stdout (format binary)`),
    'key and JSON': () => copy(url, `copy (select user_id, row_to_json(m) from (${MODEL}) m) to stdout`),
  };
  const seconds: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [form, read] of Object.entries(forms)) {
      const started = performance.now();
      await read();
      (seconds[form] ??= []).push((performance.now() - started) / 1000);
    }
  }
  const best = Math.min(...(seconds['text, columns as they are'] ?? []));
  for (const [form, times] of Object.entries(seconds)) {
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
    process.stdout.write(`${form.padEnd(28)} ${median.toFixed(2)} s  ${(median / best).toFixed(2)}\n`);
  }
}

async function copy(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const stream = client.query(copyTo(statement));
  stream.resume();
  await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
  await client.end();
}

async function canonical(url: string): Promise<void> {
  const source = openPostgres(
    'bench',
    { type: 'postgres', url, sslmode: 'disable', statementTimeout: '1h' },
    { signal: new AbortController().signal, allowedEndpoints: [] },
  );
  const model = { name: 'users', sql: MODEL };
  const columns = (await source.describe(model)).map(({ name }) => name);
  const { pieces } = await source.read(model, columns, {
    maxValueBytes: MAX_VALUE_BYTES,
    id: 'bench',
    from: null,
  });
  for await (const piece of pieces) void piece;
  await source.close();
}
