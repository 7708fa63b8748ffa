import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workerMetrics } from '../../telemetry/metrics.ts';
import { freePort } from '../../dev/free-port.ts';
import type { ReadinessReport } from '../../telemetry/readiness.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { metricsIn, namesOfServe } from '../support/queries.ts';
import { readScrape, total, type Sample } from '../support/scrape.ts';
import { until } from '../support/until.ts';
import type { WorkerProcess } from '../support/worker-process.ts';

/** Rows and the secret of this installation begin with this: none of it may be seen. */
const PLANTED = /planted-/;

let here: TestInstallation;
let worker: WorkerProcess;
let address: string;
beforeAll(async () => {
  here = await openInstallation();
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  worker = await here.startWorker({ BACKHAUL_WORKER_PORT: String(port), BACKHAUL_LOG_LEVEL: 'debug' });
  await here.warehouse.query(`
    create table people as select 'planted-key-' || g as id, 'planted-' || g || '@example.com' as email
      from generate_series(1, 300) g;
    insert into people values (null, 'planted-null@example.com')`);
});
afterAll(() => here.close());

const scrape = async (): Promise<Sample[]> => readScrape(await (await fetch(`${address}/metrics`)).text());
const ready = async (): Promise<ReadinessReport & { status: number }> => {
  const response = await fetch(`${address}/readyz`);
  return { status: response.status, ...((await response.json()) as ReadinessReport) };
};

interface Line extends Record<string, unknown> {
  level: string;
  message: string;
}
const lines = (): Line[] => {
  const log = worker.log();
  const whole = log.slice(0, log.lastIndexOf('\n')).split('\n');
  return whole.map((line) => JSON.parse(line) as Line);
};

describe('a worker', () => {
  let samples: Sample[];
  let id: string;

  beforeAll(async () => {
    let asked = 0;
    here.receiver.respond(() => {
      asked += 1;
      if (asked === 1) return { status: 429, headers: { 'retry-after': '1' }, body: 'planted-answer' };
      return asked === 2 ? { status: 500, body: 'planted-answer' } : 'accept';
    });
    await here.sync('people', 'select id as user_id, email from people');
    ({ id } = await here.run('people'));
    await here.sync('broken', "select id as user_id, (email || 'planted-cast')::int as age from people");
    expect((await here.run('broken')).error?.code).toBe('source_query_failed');
    samples = await until(async () => {
      const found = await scrape();
      return total(found, 'backhaul_run_errors_total', { sync: 'broken' }) > 0 && found;
    });
    // The log comes by a pipe of its own: it may lie behind what the ledger and the metrics tell.
    await until(async () => lines().some(({ level, sync }) => level === 'warn' && sync === 'broken'));
  });

  it('serves every metric of its own, by sync and never by run', () => {
    const seen = new Set(samples.map(({ name }) => name.replace(/_(total|bucket|sum|count)$/, '')));
    expect([...seen].filter((name) => name.startsWith('backhaul_')).sort()).toEqual(
      Object.keys(workerMetrics).sort(),
    );
    expect(JSON.stringify(samples)).not.toContain(id);
  });

  it('counts what came of the runs', () => {
    const people = { sync: 'people' };
    expect(total(samples, 'backhaul_runs_ended_total', { ...people, status: 'completed' })).toBe(1);
    expect(total(samples, 'backhaul_runs_ended_total', { sync: 'broken', status: 'failed' })).toBe(1);
    expect(total(samples, 'backhaul_run_errors_total', { sync: 'broken', code: 'source_query_failed' })).toBe(
      1,
    );
    expect(total(samples, 'backhaul_rows_total', { ...people, outcome: 'added' })).toBe(300);
    expect(total(samples, 'backhaul_rows_total', { ...people, outcome: 'invalid' })).toBe(1);
    expect(total(samples, 'backhaul_messages_total', { ...people, outcome: 'accepted' })).toBe(300);
    expect(total(samples, 'backhaul_segment_events_total', people)).toBe(300);
    expect(total(samples, 'backhaul_segment_requests_total', { ...people, status: '2xx' })).toBe(1);
    expect(total(samples, 'backhaul_segment_requests_total', { ...people, status: '429' })).toBe(1);
    expect(total(samples, 'backhaul_segment_requests_total', { ...people, status: '5xx' })).toBe(1);
    expect(total(samples, 'backhaul_segment_holds_total', people)).toBe(1);
    expect(total(samples, 'backhaul_step_retries_total', { step: 'sendBatch' })).toBe(1);
    expect(total(samples, 'backhaul_source_rows_total', people)).toBe(301);
    expect(total(samples, 'backhaul_state_users', people)).toBe(300);
    expect(total(samples, 'backhaul_pages_total', { ...people, step: 'recordResult' })).toBe(1);
    expect(total(samples, 'backhaul_run_duration_seconds_count', { ...people, status: 'completed' })).toBe(1);
  });

  it("serves the metrics of Temporal's core beside them", () => {
    const names = samples.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'temporal_num_pollers',
        'temporal_worker_task_slots_available',
        'temporal_activity_schedule_to_start_latency_seconds_bucket',
        'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
      ]),
    );
  });

  it.each(['deploy/grafana/backhaul.json', 'deploy/prometheus/alerts.yaml'])(
    'serves every metric that %s asks for',
    (file) => {
      const served = new Set([...samples.map(({ name }) => name), ...namesOfServe()]);
      const asked = metricsIn(file);
      expect(asked.length).toBeGreaterThan(4);
      expect(asked.filter((name) => !served.has(name))).toEqual([]);
    },
  );

  it('logs JSON with run and sync on every line of a workflow and of a step', () => {
    const ofWork = lines().filter(({ activityType, workflowType }) => activityType ?? workflowType);
    const withRun = ofWork.filter(({ workflowType }) => workflowType === 'syncRun');
    expect(withRun.length).toBeGreaterThan(20);
    expect(withRun.filter(({ run, sync }) => typeof run !== 'string' || typeof sync !== 'string')).toEqual(
      [],
    );
    expect(ofWork.filter(({ sync }) => typeof sync !== 'string')).toEqual([]);
    expect(ofWork.find(({ activityType }) => activityType === 'sendBatch')).toMatchObject({
      run: id,
      sync: 'people',
      page: 0,
    });
  });

  it('says in a line each that a run started, what it plans, and how it ended', () => {
    const told = lines().filter(({ level, run }) => level === 'info' && run === id);
    expect(told).toMatchObject([
      { message: 'run started', number: 1, sync: 'people' },
      { message: 'run planned', added: 300, invalid: 1, pages: 1, planned: 300 },
      { message: 'run completed', accepted: 300, rejected: 0, requests: 3, mode: 'full' },
    ]);
    expect(lines()).toContainEqual(
      expect.objectContaining({ level: 'warn', sync: 'broken', code: 'source_query_failed' }),
    );
  });

  it('shows no value of a row and no secret in its log, its metrics and its readiness, also at debug', async () => {
    for (const text of [worker.log(), JSON.stringify(samples), JSON.stringify(await ready())]) {
      const found = PLANTED.exec(text);
      expect(found && text.slice(Math.max(0, found.index - 200), found.index + 100)).toBeNull();
    }
  });

  it('is alive and ready, and has nothing else to say', async () => {
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect(await ready()).toMatchObject({
      status: 200,
      ready: true,
      checks: { temporal: null, ledger: null, blobs: null, scratch: null },
    });
    expect((await fetch(`${address}/`)).status).toBe(404);
    expect((await fetch(`${address}/readyz`, { method: 'POST' })).status).toBe(405);
  });

  it('says that the ledger is not migrated, or that it cannot be reached, and recovers by itself', async () => {
    const rename = (from: string, to: string) => here.ledger.query(`alter schema ${from} rename to ${to}`);
    await rename('backhaul', 'away');
    const report = await until(async () => {
      const found = await ready();
      return !found.ready && found;
    });
    expect(report.status).toBe(503);
    expect(report.checks).toEqual({
      temporal: null,
      ledger: 'ledger_not_migrated',
      blobs: null,
      scratch: null,
    });
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    await rename('away', 'backhaul');
    await until(async () => (await ready()).ready);
  });
});

describe('a worker without the variables of telemetry', () => {
  it('listens nowhere, and adds nothing to what travels through Temporal', async () => {
    const handle = here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/sync/people`);
    expect(JSON.stringify(await handle.fetchHistory())).not.toContain('_tracer-data');
    const other = await here.startWorker();
    expect(other.log()).not.toContain('are served');
  });
});
