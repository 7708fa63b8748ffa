import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';

/** How long one change of the definitions waits for others. Longer lets more of them queue; a caller has to wait for it. */
const WAIT_MS = 60_000;
/** How often it looks whether they have ended. */
const LOOK_MS = 50;

/**
 * One change of the definitions and of what hangs on them at Temporal at a time, over all processes. The lock is its session's: it ends
 * with the work, with the process, and with the connection, by which the work then cannot go on either.
 *
 * @param work uses the `db` it is given and no other: else those that wait could hold all connections it needs
 * @throws definitions_busy
 */
export async function applyAlone<T>(
  db: LedgerDatabase,
  work: (db: LedgerDatabase) => Promise<T>,
): Promise<T> {
  const latest = Date.now() + WAIT_MS;
  for (;;) {
    // Waiting is done without a connection: there are few.
    const done = await db
      .connection()
      .execute(async (session) =>
        (await isTaken(session)) ? null : { result: await untilReleased(session, work) },
      );
    if (done !== null) return done.result;
    if (Date.now() > latest) throw new BackhaulError('definitions_busy');
    await setTimeout(LOOK_MS * (1 + Math.random()));
  }
}

/** Of this schema: a database may hold several ledgers. */
const lock = sql`hashtextextended('apply definitions of ' || current_schema(), 0)`;

async function isTaken(session: LedgerDatabase): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select not pg_try_advisory_lock(${lock}) as taken`.execute(
    session,
  );
  return rows[0]?.taken ?? true;
}

async function untilReleased<T>(
  session: LedgerDatabase,
  work: (db: LedgerDatabase) => Promise<T>,
): Promise<T> {
  try {
    return await work(session);
  } finally {
    await sql`select pg_advisory_unlock(${lock})`.execute(session);
  }
}
