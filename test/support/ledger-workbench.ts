import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { openLedger, type Ledger } from '../../ledger/connect.ts';
import { writeDefinitions } from '../../ledger/definitions.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { openRun, type OpenedRun, type OpenRunInput } from '../../ledger/open-run.ts';
import { writeMappedPage } from '../../ledger/pages.ts';
import type { Booking } from '../../ledger/posts.ts';
import { freshDatabase } from './postgres.ts';

export interface LedgerWorkbench {
  url: string;
  ledger: Ledger;
  /** Another process, as far as the database can tell. */
  anotherLedger(): Ledger;
  /** Stores a sync of that name with all that it hangs on. */
  defineSync(sync: string): Promise<void>;
  /** Opens a run with a new id; the sync is defined when it is not yet. */
  open(sync: string, input?: Partial<OpenRunInput>): Promise<OpenedRun & { id: string }>;
  /** Opens a run with one mapped page, ready for bookings. */
  openWithPage(sync: string): Promise<{ id: string; booking: Booking }>;
  /** Resolves as soon as some session waits for a lock. */
  someoneWaits(): Promise<void>;
  close(): Promise<void>;
}

/** A migrated ledger in a database of its own. */
export async function openLedgerWorkbench(): Promise<LedgerWorkbench> {
  const database = await freshDatabase();
  await migrateLedger({ databaseUrl: database.url });
  const opened: Ledger[] = [];
  const anotherLedger = (): Ledger => {
    const ledger = openLedger({ databaseUrl: database.url });
    opened.push(ledger);
    return ledger;
  };
  const ledger = anotherLedger();
  const { db } = ledger;
  const defined = new Set<string>();

  const bench: LedgerWorkbench = {
    url: database.url,
    ledger,
    anotherLedger,
    async defineSync(sync) {
      defined.add(sync);
      await writeDefinitions(db, [
        { kind: 'connection', name: 'warehouse', document: { type: 'postgres' }, digest: 'w' },
        {
          kind: 'connection',
          name: 'segment',
          document: { type: 'segment', writeKey: 'K', region: 'us', eventsPerSecond: 1000 },
          digest: 's',
        },
        {
          kind: 'model',
          name: 'people',
          document: { connection: 'warehouse', sql: 'select 1' },
          digest: 'm',
        },
        { kind: 'sync', name: sync, document: { model: 'people', destination: 'segment' }, digest: 'y' },
      ]);
    },
    async open(sync, input = {}) {
      if (!defined.has(sync)) await bench.defineSync(sync);
      const id = input.id ?? randomUUID();
      const run = await openRun(db, {
        id,
        sync,
        workflowId: `sync/${sync}`,
        full: false,
        review: false,
        idempotencyKey: null,
        ...input,
      });
      return { ...run, id };
    },
    async openWithPage(sync) {
      const { id } = await bench.open(sync);
      await writeMappedPage(db, id, {
        page: 0,
        batches: 'batches',
        index: 'index',
        messages: 10_000,
        batch_count: 10,
        invalid_added: 0,
        invalid_changed: 0,
        invalid_unchanged: 0,
        invalid_removed: 0,
      });
      return {
        id,
        booking: {
          run: id,
          page: 0,
          first: 0,
          beyond: 1000,
          attempt: 1,
          rateLimitGroup: `group-${id}`,
          eventsPerSecond: 1000,
          allowanceMs: 25_000,
        },
      };
    },
    async someoneWaits() {
      for (;;) {
        const { rows } = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          db,
        );
        if (rows.length > 0) return;
      }
    },
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      await database.drop();
    },
  };
  return bench;
}
