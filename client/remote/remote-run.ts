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

/** A run that is followed and steered through the HTTP API. */
export function remoteRun(
  http: Http,
  { how, run: { id, sync } }: { how: RunHandle['how']; run: Pick<Run, 'id' | 'sync'> },
): RunHandle {
  const request = { params: { id } };
  const get = async (): Promise<Run> => plainRun(await http.call(contract.getRun, request));
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
