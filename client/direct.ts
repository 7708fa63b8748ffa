import { listRaised, notificationsOf, redeliver } from './alerts.ts';
import { startAdoption } from './adopt.ts';
import { auditOf, keysOf } from './api-keys.ts';
import { installedDefinitions, planApply } from './apply.ts';
import type { Backhaul } from './backhaul.ts';
import type { ClientConnection } from './connection.ts';
import { openConnection } from './environment.ts';
import { historyOf } from './key-history.ts';
import { checkConnection, previewModel } from './on-worker.ts';
import { recapOfRun, recapOfSync } from './recap.ts';
import { retryRun } from './retry-run.ts';
import { rowsOf } from './rows.ts';
import { runHandle } from './run-handle.ts';
import { describeRun, getRun, listRuns } from './runs.ts';
import { holdSchedule } from './schedules/hold-schedule.ts';
import { listSchedules } from './schedules/list-schedules.ts';
import { sendRow } from './send-row.ts';
import { startRun } from './start-run.ts';
import { withTemporalErrors } from './with-temporal-errors.ts';
import { writeBackRun } from './write-back-run.ts';
import { checkBeforeStoring, rotateKey, storeConnections } from './store-connection.ts';

const DEFAULT_PREVIEW_ROWS = 10;

/** By ledger, blobs and Temporal, without an API between. */
export async function connectDirectly(env: NodeJS.ProcessEnv): Promise<Backhaul> {
  const connection = await openConnection(env);
  return withTemporalErrors(overConnection(connection, () => connection.close()));
}

/** The same over a connection that is open already. */
export function overConnection(connection: ClientConnection, close: () => Promise<void>): Backhaul {
  return {
    syncs: {
      run: async (sync, options = {}) =>
        runHandle(connection, sync, await startRun(connection, sync, options)),
      adopt: async (sync, options = {}) =>
        runHandle(connection, sync, await startAdoption(connection, sync, options)),
      recap: (sync) => recapOfSync(connection, sync),
      send: (sync, key) => sendRow(connection, sync, key),
      history: (sync, key, options) => historyOf(connection, sync, key, options),
      pause: (sync) => holdSchedule(connection, sync, true),
      resume: (sync) => holdSchedule(connection, sync, false),
    },
    schedules: {
      list: () => listSchedules(connection),
    },
    alerts: {
      list: () => listRaised(connection),
      notifications: (filter) => notificationsOf(connection, filter),
      redeliver: (id) => redeliver(connection, id),
    },
    runs: {
      list: (filter) => listRuns(connection, filter),
      get: (id) => describeRun(connection, id),
      async handle(id) {
        const { status, sync } = await getRun(connection, id);
        return runHandle(connection, sync, { run: id, how: status === 'skipped' ? 'skipped' : 'existing' });
      },
      recap: (id) => recapOfRun(connection, id),
      retry: (id, options) => retryRun(connection, id, options),
      rows: (id, options) => rowsOf(connection, id, options),
      writeBack: (id) => writeBackRun(connection, id),
    },
    definitions: {
      get: () => installedDefinitions(connection),
      plan: (definitions, options) => planApply(connection, definitions, options),
    },
    connections: {
      check: (name, options) => checkConnection(connection, name, options),
      checkBeforeStoring: (name, given) => checkBeforeStoring(connection, name, given),
      store: (given) => storeConnections(connection, given),
      rotateKey: () => rotateKey(connection),
    },
    keys: keysOf(connection),
    audit: {
      list: (options) => auditOf(connection, options),
    },
    models: {
      preview: (name, { limit = DEFAULT_PREVIEW_ROWS } = {}) => previewModel(connection, name, limit),
    },
    close,
  };
}
