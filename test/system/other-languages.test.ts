import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pythonPackages } from '../standins/python.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const python = await startOrSkip('temporal_python', () =>
  pythonPackages('temporalio-python', ['3.12', '3.11', '3.10', '3.13'], ['temporalio==1.18.1']),
);

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
});
afterAll(() => here.close());
beforeEach(() => {
  here.receiver.reset();
  here.receiver.respond(null);
});

let names = 0;
async function syncOf(sql = "select 'u1' as user_id, 'A' as plan"): Promise<string> {
  const name = `foreign_${++names}`;
  await here.sync(name, sql);
  return name;
}
const workflowId = (name: string): string => `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`;
const taskQueue = (): string => `${here.env.BACKHAUL_INSTALLATION}/backhaul`;

/** The Temporal CLI, with its one JSON document. */
async function temporal(...args: string[]): Promise<unknown> {
  const { stdout } = await run(required('TEMPORAL_CLI_PATH'), [
    ...['--address', required('TEST_TEMPORAL_ADDRESS'), '--output', 'json'],
    ...args,
  ]).catch((error: { stdout: string }) => error);
  return JSON.parse(stdout === '' ? 'null' : stdout) as unknown;
}

describe("Temporal's own command line", () => {
  const start = (name: string, how: 'start' | 'execute'): Promise<unknown> =>
    temporal(
      ...['workflow', how, '--type', 'syncRun', '--workflow-id', workflowId(name)],
      ...['--task-queue', taskQueue(), '--input', JSON.stringify({ sync: name })],
    );

  it('runs a sync and gets the run as plain JSON', async () => {
    const name = await syncOf();
    expect(await start(name, 'execute')).toMatchObject({
      status: 'COMPLETED',
      result: {
        sync: name,
        status: 'completed',
        rows: { read: 1, added: 1 },
        messages: { planned: 1, accepted: 1, rejected: 0 },
        error: null,
      },
    });
  });

  it('sees why a run failed: the code, and the run', async () => {
    const name = await syncOf('select 1 as user_id from nowhere');
    expect(await start(name, 'execute')).toMatchObject({
      status: 'FAILED',
      closeEvent: {
        workflowExecutionFailedEventAttributes: {
          failure: { applicationFailureInfo: { type: 'source_table_missing', nonRetryable: true } },
        },
      },
    });
  });

  it('asks for the progress, pauses, resumes and cancels', async () => {
    const name = await syncOf();
    const { asked, letGo } = holdAnswers(here.receiver);
    const { runId } = (await start(name, 'start')) as { runId: string };
    const update = (what: string): Promise<unknown> =>
      temporal(
        ...['workflow', 'update', 'execute', '--name', what, '--workflow-id', workflowId(name)],
        ...['--input', JSON.stringify({ run: runId })],
      );
    const progress = (): Promise<unknown> =>
      temporal('workflow', 'query', '--type', 'progress', '--workflow-id', workflowId(name));
    await asked;
    await update('pause');
    expect(JSON.stringify(await progress())).toContain('paused');
    await update('resume');
    await temporal('workflow', 'cancel', '--workflow-id', workflowId(name));
    letGo();
    await until(async () => (await here.backhaul.runs.get(runId)).status === 'cancelled');
    // What was in flight is finished and recorded.
    expect(await here.backhaul.runs.get(runId)).toMatchObject({ messages: { accepted: 1 } });
  });
});

const PROGRAM = `
import asyncio, json, os, sys
from datetime import timedelta
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, ChildWorkflowError
from temporalio.worker import Worker

@workflow.defn
class Nightly:
    """Runs one sync after the other, as children."""
    @workflow.run
    async def run(self, installation: str, syncs: list[str]) -> list:
        runs = []
        for sync in syncs:
            try:
                run = await workflow.execute_child_workflow(
                    "syncRun", {"sync": sync}, id=f"{installation}/sync/{sync}", task_queue=f"{installation}/backhaul",
                    cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
                runs.append({"status": run["status"], "accepted": run["messages"]["accepted"]})
            except ChildWorkflowError as error:
                cause = error.cause
                runs.append({"code": cause.type, "retryable": not cause.non_retryable, "run": cause.details[0]["status"]})
        return runs

async def main(address, installation, *syncs):
    client = await Client.connect(address)
    async with Worker(client, task_queue=f"{installation}-python", workflows=[Nightly]):
        runs = await client.execute_workflow(
            Nightly.run, args=[installation, list(syncs)], id=f"{installation}-nightly", task_queue=f"{installation}-python")
    print(json.dumps(runs))

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    sys.stdout.flush()
    # Threads of the SDK may abort an interpreter that is on its way out.
    os._exit(0)
`;

(python === null ? describe.skip : describe)('the Python SDK', () => {
  it('runs syncs as child workflows, and reads their results and errors', async () => {
    const [good, bad] = [await syncOf(), await syncOf('select 1 as user_id from nowhere')];
    const file = join(here.env.HOME ?? '', 'nightly.py');
    await writeFile(file, PROGRAM);
    const { stdout } = await run(join(python ?? '', 'python'), [
      file,
      required('TEST_TEMPORAL_ADDRESS'),
      here.env.BACKHAUL_INSTALLATION ?? '',
      good,
      bad,
    ]);
    expect(JSON.parse(stdout)).toEqual([
      { status: 'completed', accepted: 1 },
      { code: 'source_table_missing', retryable: false, run: 'failed' },
    ]);
  });
});
