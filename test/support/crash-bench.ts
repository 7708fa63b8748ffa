import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeEach, expect } from '@jest/globals';
import { openInstallation, type InstallationOptions, type TestInstallation } from './installation.ts';
import type { WorkerProcess } from './worker-process.ts';

/** A lost worker is noticed by a missing heartbeat (20 s), an unanswered POST by its deadline (25 s). */
export const PATIENCE_MS = 180_000;

export interface CrashBench extends TestInstallation {
  /** The worker that the test may do anything to. */
  worker: WorkerProcess;
  /** A table of users, all of plan A, and a sync of it. */
  syncOf(rows: number, fields?: object): Promise<string>;
  setPlan(name: string, plan: string, where?: string): Promise<unknown>;
  /** What Segment holds of each user in the end is what the table says. */
  expectDelivered(name: string): Promise<void>;
  /** Looks again and again until the ledger has a row for it. */
  until(sql: string, values: unknown[]): Promise<void>;
  workflowId(name: string): string;
}

export async function openCrashBench(options: InstallationOptions = {}): Promise<CrashBench> {
  const here = await openInstallation(options);
  let syncs = 0;
  return Object.assign(here, {
    worker: await here.startWorker(),
    async syncOf(rows: number, fields: object = {}): Promise<string> {
      const name = `crash_${++syncs}`;
      await here.warehouse.query(
        `create table ${name} as select '${name}-' || g as id, 'A' as plan from generate_series(1, ${rows}) g`,
      );
      await here.sync(name, `select id as user_id, plan from ${name}`, fields);
      return name;
    },
    setPlan: (name: string, plan: string, where = 'true') =>
      here.warehouse.query(`update ${name} set plan = '${plan}' where ${where}`),
    async expectDelivered(name: string): Promise<void> {
      const rows = await here.warehouse.query(`select id, plan from ${name}`);
      const users = here.receiver.users();
      expect(rows.filter(({ id, plan }) => users.get(String(id))?.traits.plan !== plan)).toEqual([]);
    },
    async until(sql: string, values: unknown[]): Promise<void> {
      while ((await here.ledger.query(sql, values)).length === 0) await delay(5);
    },
    workflowId: (name: string) => `${here.env.BACKHAUL_INSTALLATION}/sync/${name}`,
  });
}

/** A bench for all cases of a file; each begins with a receiver that is empty and accepts. Awaited at the top of the file. */
export async function crashBenchWithIds(): Promise<{ here: CrashBench; ids: PostedIds }> {
  const here = await openCrashBench();
  const ids = postedIds();
  afterAll(() => here.close());
  beforeEach(() => {
    here.receiver.reset();
    ids.forget();
    here.receiver.respond(({ body }) => {
      ids.note(body);
      return 'accept';
    });
  });
  return { here, ids };
}

/** Every id that was posted, by user and value: a change must have one. */
export interface PostedIds {
  note(body: string): void;
  forget(): void;
  /** Changes that were posted under more than one id. */
  twice(): string[];
}

export function postedIds(): PostedIds {
  const seen = new Map<string, Set<string>>();
  return {
    note(body) {
      const { batch } = JSON.parse(body) as {
        batch: { userId: string; messageId: string; traits: { plan: string } }[];
      };
      for (const { messageId, traits, userId } of batch) {
        const change = `${userId} ${traits.plan}`;
        seen.set(change, (seen.get(change) ?? new Set()).add(messageId));
      }
    },
    forget: () => seen.clear(),
    twice: () => [...seen].filter(([, messageIds]) => messageIds.size > 1).map(([change]) => change),
  };
}
