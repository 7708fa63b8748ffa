import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { backhaul } from '../support/cli.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { until } from '../support/until.ts';

const UNTRACED = fileURLToPath(new URL('../../dist/workflow-bundle.cjs', import.meta.url));

let here: TestInstallation;
let otlp: OtlpReceiver;
let run: { id: string; status: string };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  otlp = await startOtlpReceiver();
  here = await openInstallation({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_BLRP_SCHEDULE_DELAY: '200',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    },
  });
  await here.startWorker();
  await here.warehouse.query(
    "create table people as select 'planted-key-' || g as id, 'planted-' || g as email from generate_series(1, 300) g",
  );
  await here.sync('people', 'select id as user_id, email from people');
  const ran = await backhaul(['run', 'people', '--json'], { env: here.env });
  run = ran.json() as typeof run;
  expect(run.status).toBe('completed');
});
afterAll(async () => {
  await here.close();
  await otlp.close();
  await Runtime.instance().shutdown();
});

/** Names of a span and all that it is within, the innermost first. */
const way = (spans: readonly ReceivedSpan[], span: ReceivedSpan | undefined): string[] => {
  if (span === undefined) return [];
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...way(spans, parent)];
};

it('a trace leads from the command over the workflow and its steps to each POST and each read', async () => {
  const spans = await until(async () => {
    const found = otlp.spans();
    return found.some(({ name }) => name === 'RunWorkflow:syncRun') && found;
  });
  const ofRun = spans.filter(
    ({ traceId }) => traceId === spans.find(({ process }) => process === 'cli')?.traceId,
  );
  const wayOf = (name: string): string[] =>
    way(
      ofRun,
      ofRun.find((span) => span.name === name),
    );
  const above = ['RunWorkflow:syncRun', 'StartWorkflow:syncRun', 'backhaul run'];
  expect(wayOf('Segment POST')).toEqual([
    'Segment POST',
    'RunActivity:sendBatch',
    'StartActivity:sendBatch',
    ...above,
  ]);
  expect(wayOf('warehouse read')).toEqual([
    'warehouse read',
    'RunActivity:runModel',
    'StartActivity:runModel',
    ...above,
  ]);
  expect(ofRun.find(({ name }) => name === 'Segment POST')?.attributes).toMatchObject({
    'backhaul.run': run.id,
    'backhaul.sync': 'people',
    'backhaul.outcome': 'accepted',
  });
});

it('lines of the log go the same way, with the trace that they are of', async () => {
  const started = await until(async () => otlp.logs().find(({ body }) => body === 'run completed'));
  expect(started).toMatchObject({ severity: 'info', attributes: { run: run.id, sync: 'people' } });
  const post = otlp.spans().find(({ name }) => name === 'Segment POST');
  expect(started.traceId).toBe(post?.traceId);
});

it('metrics of Temporal and of Backhaul go the same way', async () => {
  await until(async () => {
    const text = Buffer.concat(otlp.metrics()).toString('latin1');
    return ['backhaul_runs_ended', 'temporal_num_pollers', 'backhaul.installation'].every((name) =>
      text.includes(name),
    );
  });
});

it('no value of a row, no secret and no SQL is in what was exported', () => {
  const all = otlp.everything();
  for (const planted of [/planted-/, new RegExp(WRITE_KEY), /select id as/, /postgres(ql)?:\/\//]) {
    const found = planted.exec(all);
    expect(found && all.slice(Math.max(0, found.index - 200), found.index + 100)).toBeNull();
  }
  expect(all).toContain('deployment.environment');
});

it('a run that was traced goes on under a worker that exports no traces', async () => {
  const workflowId = `${here.env.BACKHAUL_INSTALLATION}/sync/people`;
  const history = await here.temporal.workflow.getHandle(workflowId).fetchHistory();
  expect(JSON.stringify(history)).toContain('_tracer-data');
  await Worker.runReplayHistory({ workflowBundle: { codePath: UNTRACED } }, history, workflowId);
});

it('a command that cannot export ends as it would have, and says so', async () => {
  const { code, err } = await backhaul(['list', 'syncs'], {
    env: {
      ...here.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    },
  });
  expect({ code, err }).toMatchObject({ code: 0 });
  const refused = await backhaul(['list', 'syncs'], {
    env: { ...here.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  });
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.err).toContain('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL');
});
