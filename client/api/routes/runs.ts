import { retryRun } from '../../retry-run.ts';
import type { RunHandle } from '../../run-handle.ts';
import { sentRow } from '../../send-row.ts';
import { followRun } from '../follow-run.ts';
import type { ApiContext, Handlers } from '../handlers.ts';

type Steering = 'cancelRun' | 'pauseRun' | 'resumeRun' | 'approveRun' | 'declineRun';

export function runHandlers({
  backhaul,
  connection,
}: ApiContext): Handlers<
  | 'listRuns'
  | 'getRun'
  | 'runEvents'
  | 'runRows'
  | 'runRecap'
  | 'runSent'
  | 'retryRun'
  | 'writeBackRun'
  | Steering
> {
  const steer =
    (act: (handle: RunHandle) => Promise<void>): Handlers[Steering] =>
    async ({ params: { id } }) => {
      const handle = await backhaul.runs.handle(id);
      await act(handle);
      return handle.get();
    };
  return {
    listRuns: ({ query: { limit, sync } }) =>
      backhaul.runs.list({ limit, ...(sync !== undefined && { sync }) }),
    getRun: ({ params: { id } }) => backhaul.runs.get(id),
    runEvents: ({ params: { id }, signal }) => followRun(connection, id, signal),
    async *runRows({ params: { id }, query: { outcome, payload } }) {
      await backhaul.runs.get(id);
      yield* backhaul.runs.rows(id, { ...(outcome && { outcome }), payload: payload === 'true' });
    },
    runRecap: ({ params: { id } }) => backhaul.runs.recap(id),
    async runSent({ body: { key }, params: { id } }) {
      return sentRow(connection, await (await backhaul.runs.handle(id)).get(), key);
    },
    async retryRun({ body, params: { id }, requestKey }) {
      const { rows, run, withoutKey } = await retryRun(connection, id, {
        ...body,
        idempotencyKey: requestKey ?? undefined,
      });
      return { rows, withoutKey, started: run && { how: run.how, run: await run.get() } };
    },
    writeBackRun: ({ params: { id } }) => backhaul.runs.writeBack(id),
    cancelRun: steer((handle) => handle.cancel()),
    pauseRun: steer((handle) => handle.pause()),
    resumeRun: steer((handle) => handle.resume()),
    approveRun: steer((handle) => handle.approve()),
    declineRun: steer((handle) => handle.decline()),
  };
}
