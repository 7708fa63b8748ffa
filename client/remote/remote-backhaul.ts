import { noDefinitions, type Definitions } from '../../definitions/schema.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ApplyPlan } from '../apply.ts';
import { contract } from '../api/contract/contract.ts';
import type { Backhaul } from '../backhaul.ts';
import type { HistoryEnd, HistoryEntry } from '../key-history.ts';
import type { OutcomeRow } from '../rows.ts';
import { openHttp, type Http } from './http.ts';
import { readRows } from './read-rows.ts';
import { remoteRun } from './remote-run.ts';

/** An installation through its HTTP API, and through nothing else. */
export function openRemote(env: NodeJS.ProcessEnv): Backhaul {
  const key = env.BACKHAUL_API_KEY ?? '';
  if (key === '') throw new BackhaulError('api_key_missing');
  const http = openHttp(env.BACKHAUL_URL ?? '', key);
  return {
    syncs: syncsOf(http),
    runs: runsOf(http),
    schedules: { list: async () => await http.call(contract.listSchedules, {}) },
    alerts: {
      list: () => http.call(contract.listAlerts, {}),
      notifications: ({ limit, status, sync } = {}) =>
        http.call(contract.listNotifications, {
          query: {
            ...(limit !== undefined && { limit }),
            ...(status !== undefined && { status }),
            ...(sync !== undefined && { sync }),
          },
        }),
      redeliver: (id) => http.call(contract.redeliver, { params: { id } }),
    },
    definitions: {
      get: async () => ({ ...noDefinitions(), ...(await http.call(contract.getDefinitions, {})) }),
      plan: (definitions, { prune = false } = {}) => planOf(http, definitions, prune),
    },
    connections: {
      check: async (name, { sendTest = false } = {}) => {
        const { test, ...told } = await http.call(contract.checkConnection, {
          params: { name },
          body: { sendTest },
        });
        return { ...told, ...(test !== undefined && { test }) };
      },
      checkBeforeStoring: async (name, given) => {
        const { notes, warnings } = await http.call(contract.checkNewConnection, {
          params: { name },
          body: { definition: { ...given.definition }, secrets: { ...given.secrets } },
        });
        return { notes, warnings };
      },
      store: async (connections) => {
        const body = Object.fromEntries(
          Object.entries(connections).map(([name, { definition, secrets }]) => [
            name,
            { definition: { ...definition }, secrets: { ...secrets } },
          ]),
        );
        await http.call(contract.storeConnections, { body: { connections: body } });
      },
      rotateKey: () => http.call(contract.rotateKey, {}),
    },
    keys: {
      create: ({ expiresAt = null, name, role }) =>
        http.call(contract.createKey, { body: { expiresAt, name, role } }),
      list: () => http.call(contract.listKeys, {}),
      revoke: (id) => http.call(contract.revokeKey, { params: { id } }),
    },
    audit: {
      list: ({ limit } = {}) =>
        http.call(contract.readAudit, { query: { ...(limit !== undefined && { limit }) } }),
    },
    models: {
      preview: (name, { limit } = {}) =>
        http.call(contract.previewModel, {
          params: { name },
          body: { ...(limit !== undefined && { limit }) },
        }),
    },
    close: () => http.close(),
  };
}

function syncsOf(http: Http): Backhaul['syncs'] {
  return {
    async run(name, { full = false, idempotencyKey, ifRunning = 'attach', review = false } = {}) {
      const body = { full, review, ifRunning, ...named(idempotencyKey) };
      return remoteRun(http, await http.call(contract.runSync, { params: { name }, body }));
    },
    async adopt(name, { idempotencyKey, ifRunning = 'attach', where } = {}) {
      const body = { ifRunning, ...(where !== undefined && { where }), ...named(idempotencyKey) };
      return remoteRun(http, await http.call(contract.adoptSync, { params: { name }, body }));
    },
    recap: (name) => http.call(contract.recapSync, { params: { name } }),
    async send(name, key) {
      const handle = remoteRun(http, await http.call(contract.sendRow, { params: { name }, body: { key } }));
      return {
        ...handle,
        async sent() {
          await handle.result();
          return http.call(contract.runSent, { params: { id: handle.id }, body: { key } });
        },
      };
    },
    async *history(name, key, { limit, payload = false } = {}) {
      const body = { key, payload, ...(limit !== undefined && { limit }) };
      const answer = await http.open(contract.keyHistory, { params: { name }, body });
      return yield* readRows<HistoryEntry, HistoryEnd>(answer);
    },
    pause: async (name) => void (await http.call(contract.pauseSync, { params: { name } })),
    resume: async (name) => void (await http.call(contract.resumeSync, { params: { name } })),
  };
}

function runsOf(http: Http): Backhaul['runs'] {
  return {
    list: ({ limit, sync } = {}) =>
      http.call(contract.listRuns, {
        query: { ...(limit !== undefined && { limit }), ...(sync !== undefined && { sync }) },
      }),
    get: (id) => http.call(contract.getRun, { params: { id } }),
    async handle(id) {
      const run = await http.call(contract.getRun, { params: { id } });
      return remoteRun(http, { how: run.status === 'skipped' ? 'skipped' : 'existing', run });
    },
    recap: (id) => http.call(contract.runRecap, { params: { id } }),
    async retry(id, { outcome = 'rejected' } = {}) {
      const { rows, started, withoutKey } = await http.call(contract.retryRun, {
        params: { id },
        body: { outcome },
      });
      return { rows, withoutKey, run: started && remoteRun(http, started) };
    },
    writeBack: (id) => http.call(contract.writeBackRun, { params: { id } }),
    async *rows(id, { outcome, payload = false } = {}) {
      const query = { payload: payload ? 'true' : 'false', ...(outcome && { outcome }) } as const;
      const answer = await http.open(contract.runRows, { params: { id }, query });
      yield* readRows<OutcomeRow, object>(answer);
    },
  };
}

const named = (idempotencyKey: string | undefined) => ({
  ...(idempotencyKey !== undefined && { idempotencyKey }),
});

/** What was shown is what is applied: with other definitions there by then it is refused. */
async function planOf(http: Http, definitions: Definitions, prune: boolean): Promise<ApplyPlan> {
  const body = { definitions: written(definitions), prune };
  const { basis, changes } = await http.call(contract.planDefinitions, { body });
  return {
    changes: changes as ApplyPlan['changes'],
    apply: async () => void (await http.call(contract.applyDefinitions, { body: { ...body, basis } })),
  };
}

const written = ({ alerts, connections, models, syncs }: Definitions) => ({
  connections: { ...connections } as Record<string, Record<string, unknown>>,
  models: { ...models } as unknown as Record<string, Record<string, unknown>>,
  syncs: { ...syncs } as unknown as Record<string, Record<string, unknown>>,
  // An older server knows none.
  ...(Object.keys(alerts).length > 0 && {
    alerts: { ...alerts } as unknown as Record<string, Record<string, unknown>>,
  }),
});
