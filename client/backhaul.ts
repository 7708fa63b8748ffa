import { parseDefinitions } from '../definitions/parse.ts';
import type { Definitions } from '../definitions/schema.ts';
import type { NotificationFilter } from '../ledger/notifications.ts';
import type { RunFilter } from '../ledger/list-runs.ts';
import type { Notification, RaisedAlert } from '../vocabulary/alert.ts';
import type { Recap } from '../vocabulary/recap.ts';
import type { RowOutcome } from '../vocabulary/row-outcomes.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Writeback } from '../vocabulary/writeback.ts';
import type { AdoptOptions } from './adopt.ts';
import type { ApiKey, AuditEntry, NewApiKey } from './api-keys.ts';
import type { ApplyPlan } from './apply.ts';
import type { HistoryEnd, HistoryEntry, HistoryOptions } from './key-history.ts';
import { connect } from './connect.ts';
import type { ConnectionCheck, Preview } from './on-worker.ts';
import type { Retry, RetryOptions } from './retry-run.ts';
import type { OutcomeRow } from './rows.ts';
import type { RunHandle } from './run-handle.ts';
import type { DescribedRun } from './runs.ts';
import type { ScheduledSync } from './schedules/list-schedules.ts';
import type { SendHandle } from './send-row.ts';
import type { RunOptions } from './start-run.ts';
import type { ConnectionWithSecrets } from './store-connection.ts';

/**
 * An installation of Backhaul, from code.
 *
 * @example
 * const backhaul = await Backhaul.connect();
 * const run = await backhaul.syncs.run('users');
 * for await (const { messages } of run.progress()) console.log(messages.accepted);
 * const { status } = await run.result(); // 'completed'
 * await backhaul.close();
 */
export interface Backhaul {
  syncs: {
    /** Starts a run, or goes along with the one that is going on. */
    run(sync: string, options?: RunOptions): Promise<RunHandle>;
    /** Starts a run that records rows as delivered and sends none: for users that another tool has sent already. */
    adopt(sync: string, options?: AdoptOptions): Promise<RunHandle>;
    /** What the next run would do, made on a worker. Sends nothing, takes no run number, blocks no run. */
    recap(sync: string): Promise<Recap>;
    /** Runs the row of one key through, changed or not; `sent()` of the handle shows what left and what came back. */
    send(sync: string, key: string): Promise<SendHandle>;
    /** Every run that touched a key, the newest first. */
    history(sync: string, key: string, options?: HistoryOptions): AsyncGenerator<HistoryEntry, HistoryEnd>;
    /** Nothing starts it by itself until `resume`; a run that goes on is not touched. */
    pause(sync: string): Promise<void>;
    resume(sync: string): Promise<void>;
  };
  schedules: {
    /** The syncs that start by themselves, with their next and last starts. */
    list(): Promise<ScheduledSync[]>;
  };
  alerts: {
    /** Those that stand now, the oldest first. */
    list(): Promise<RaisedAlert[]>;
    /** What was told to whom, the newest first. @default limit 50 */
    notifications(filter?: Pick<NotificationFilter, 'sync' | 'status' | 'limit'>): Promise<Notification[]>;
    /** Sends a notification again, under the id that it had, to its connection as it stands now. */
    redeliver(id: string): Promise<Notification>;
  };
  runs: {
    /** Newest first. @default limit 50 */
    list(filter?: Pick<RunFilter, 'sync' | 'limit'>): Promise<Run[]>;
    get(id: string): Promise<DescribedRun>;
    /** A handle to follow or steer a run that something else started. */
    handle(id: string): Promise<RunHandle>;
    /** What was shown of a run that waits, or waited, for an approval. */
    recap(id: string): Promise<Recap>;
    /** Sends the rejected rows of a run again, with their values of now, and no others. */
    retry(id: string, options?: RetryOptions): Promise<Retry>;
    rows(id: string, options?: { outcome?: RowOutcome; payload?: boolean }): AsyncGenerator<OutcomeRow>;
    /** Writes a run that has ended back, as its sync says now: again, or from before the sync asked for it. */
    writeBack(id: string): Promise<Writeback[]>;
  };
  definitions: {
    /** As they stand in the installation. */
    get(): Promise<Definitions>;
    /** What giving these would change; `apply()` of the result does it. */
    plan(definitions: Definitions, options?: { prune?: boolean }): Promise<ApplyPlan>;
  };
  connections: {
    /** Checks it for real, from a worker; with `sendTest` a Segment connection gets one identify of a test user. */
    check(name: string, options?: { sendTest?: boolean }): Promise<ConnectionCheck>;
    /** Checks one that is not stored, from a worker: its secrets go there encrypted, and are removed again. */
    checkBeforeStoring(name: string, connection: ConnectionWithSecrets): Promise<ConnectionCheck>;
    /** Stores connections with their secrets encrypted, all of them or none. */
    store(connections: Readonly<Record<string, ConnectionWithSecrets>>): Promise<void>;
    /** Encrypts every stored secret with the first of BACKHAUL_ENCRYPTION_KEYS. */
    rotateKey(): Promise<{ rotated: number; secrets: number }>;
  };
  keys: {
    /** Makes a key of the HTTP API; `text` is what proves it, and is given this once. */
    create(key: NewApiKey): Promise<{ key: ApiKey; text: string }>;
    list(): Promise<ApiKey[]>;
    /** From now on it proves nothing. */
    revoke(id: string): Promise<ApiKey>;
  };
  audit: {
    /** What was changed, and which row values were read, through the HTTP API; the newest first. @default limit 100 */
    list(options?: { limit?: number }): Promise<AuditEntry[]>;
  };
  models: {
    preview(name: string, options?: { limit?: number }): Promise<Preview>;
  };
  close(): Promise<void>;
}

export const Backhaul = {
  /**
   * Connects as the environment says: to the HTTP API of BACKHAUL_URL, or to ledger, blobs and Temporal themselves, or to the
   * `backhaul dev` of this folder.
   *
   * @param env @default process.env
   */
  async connect(env: NodeJS.ProcessEnv = process.env): Promise<Backhaul> {
    return connect(env);
  },
  parseDefinitions,
};
