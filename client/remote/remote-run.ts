import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Run } from '../../vocabulary/run.ts';
import { contract } from '../api/contract/contract.ts';
import type { RunHandle } from '../run-handle.ts';
import type { DescribedRun } from '../runs.ts';
import { followEvents } from './follow-events.ts';
import type { Http } from './http.ts';

/** A run without what only `describe` shows. */
const plainRun = ({
  approval: _a,
  delivery: _d,
  invalid: _i,
  rejected: _r,
  writeback: _w,
  ...run
}: DescribedRun): Run => run;

const LISTED_WITHIN_MS = 10_000;

/** A run that is followed and steered through the HTTP API. */
export function remoteRun(http: Http, { how, run: begun }: { how: RunHandle['how']; run: Run }): RunHandle {
  const { id, sync } = begun;
  const request = { params: { id } };
  const get = async (): Promise<Run> => {
    try {
      return plainRun(await http.call(contract.getRun, request));
    } catch (error) {
      // Temporal lists what was started a moment ago with some delay.
      const isUnknown = error instanceof BackhaulError && error.code === 'run_not_found';
      if (isUnknown && Date.now() - Date.parse(begun.startedAt) < LISTED_WITHIN_MS) return begun;
      throw error;
    }
  };
  return {
    id,
    sync,
    how,
    get,
    async *progress({ intervalMs = 0 } = {}) {
      const states = followEvents(http, id, get);
      let shownAt = -Infinity;
      for (;;) {
        const { done, value } = await states.next();
        if (done !== true && performance.now() - shownAt < intervalMs) continue;
        shownAt = performance.now();
        yield value;
        if (done === true) return;
      }
    },
    async result() {
      const states = followEvents(http, id, get);
      for (;;) {
        const { done, value } = await states.next();
        if (done === true) return value;
      }
    },
    cancel: async () => void (await http.call(contract.cancelRun, request)),
    pause: async () => void (await http.call(contract.pauseRun, request)),
    resume: async () => void (await http.call(contract.resumeRun, request)),
    approve: async () => void (await http.call(contract.approveRun, request)),
    decline: async () => void (await http.call(contract.declineRun, request)),
  };
}
