import { startAdoption } from '../../adopt.ts';
import { queuedRun } from '../../queued-run.ts';
import { findRun } from '../../runs.ts';
import { sendRow } from '../../send-row.ts';
import { startRun, type Started } from '../../start-run.ts';
import type { ApiContext, Handlers } from '../handlers.ts';

export function syncHandlers({
  backhaul,
  connection,
}: ApiContext): Handlers<
  | 'runSync'
  | 'adoptSync'
  | 'recapSync'
  | 'sendRow'
  | 'keyHistory'
  | 'pauseSync'
  | 'resumeSync'
  | 'listSchedules'
> {
  const told = async (sync: string, { how, run, seen }: Started) => ({
    how,
    run: (await findRun(connection, run, seen)) ?? queuedRun(connection, sync, run),
  });
  return {
    async runSync({ body, params: { name }, requestKey }) {
      return told(name, await startRun(connection, name, { ...body, ...keyed(body, requestKey) }));
    },
    async adoptSync({ body, params: { name }, requestKey }) {
      return told(name, await startAdoption(connection, name, { ...body, ...keyed(body, requestKey) }));
    },
    recapSync: ({ params: { name } }) => backhaul.syncs.recap(name),
    async sendRow({ body, params: { name }, requestKey }) {
      const { get, how } = await sendRow(connection, name, body.key, {
        idempotencyKey: requestKey ?? undefined,
      });
      return { how, run: await get() };
    },
    keyHistory: ({ body: { key, ...options }, params: { name } }) =>
      backhaul.syncs.history(name, key, options),
    async pauseSync({ params: { name } }) {
      await backhaul.syncs.pause(name);
      return { sync: name, paused: true };
    },
    async resumeSync({ params: { name } }) {
      await backhaul.syncs.resume(name);
      return { sync: name, paused: false };
    },
    listSchedules: () => backhaul.schedules.list(),
  };
}

/** The name of a request names its run too: then a server that dies before it answers starts no second one. */
const keyed = ({ idempotencyKey }: { idempotencyKey?: string | undefined }, requestKey: string | null) => ({
  idempotencyKey: idempotencyKey ?? requestKey ?? undefined,
  attachAnyKey: idempotencyKey === undefined,
});
