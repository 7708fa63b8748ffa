import { sql } from 'kysely';
import type { Notification, NotificationStatus } from '../vocabulary/alert.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ChannelMessage } from '../vocabulary/channel-message.ts';
import type { LedgerDatabase } from './connect.ts';

/** A notification that nobody has tried to send. */
export type NewNotification = Pick<
  Notification,
  'id' | 'alert' | 'sync' | 'condition' | 'event' | 'message' | 'run' | 'channel' | 'createdAt'
> & { document: ChannelMessage };

export async function addNotifications(
  db: LedgerDatabase,
  notifications: readonly NewNotification[],
): Promise<void> {
  if (notifications.length === 0) return;
  await db
    .insertInto('notifications')
    .values(
      notifications.map(({ createdAt, document, run, ...rest }) => ({
        ...rest,
        run_id: run,
        document: JSON.stringify(document),
        status: 'waiting' as const,
        created_at: createdAt,
      })),
    )
    .execute();
}

export interface NotificationFilter {
  id?: string;
  sync?: string;
  status?: NotificationStatus;
  limit?: number;
}

const DEFAULT_LIST_LIMIT = 50;

/** Newest first. */
export async function listNotifications(
  db: LedgerDatabase,
  { id, limit = DEFAULT_LIST_LIMIT, status, sync }: NotificationFilter = {},
): Promise<(Notification & { document: ChannelMessage })[]> {
  let query = db
    .selectFrom('notifications')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(limit);
  if (id !== undefined) query = query.where('id', '=', id);
  if (sync !== undefined) query = query.where('sync', '=', sync);
  if (status !== undefined) query = query.where('status', '=', status);
  const rows = await query.execute();
  return rows.map(({ created_at, finished_at, queued_at: _queued, run_id, tried_at: _tried, ...row }) => ({
    ...row,
    run: run_id,
    createdAt: created_at.toISOString(),
    finishedAt: finished_at?.toISOString() ?? null,
  }));
}

/** @throws notification_not_found */
export async function findNotification(
  db: LedgerDatabase,
  id: string,
): Promise<Notification & { document: ChannelMessage }> {
  const [found] = await listNotifications(db, { id });
  if (found === undefined) throw new BackhaulError('notification_not_found', id);
  return found;
}

/** A request was made. A null error: it came through. */
export async function recordAttempt(db: LedgerDatabase, id: string, error: ErrorView | null): Promise<void> {
  const now = sql<string>`clock_timestamp()`;
  await db
    .updateTable('notifications')
    .set({
      attempts: sql<number>`attempts + 1`,
      tried_at: now,
      error: error === null ? null : JSON.stringify(error),
      ...(error === null && { status: 'delivered' as const, finished_at: now }),
    })
    .where('id', '=', id)
    .execute();
}

/** It is not tried any more. */
export async function giveUpNotification(
  db: LedgerDatabase,
  id: string,
  status: Extract<NotificationStatus, 'failed' | 'cancelled'>,
): Promise<void> {
  await db
    .updateTable('notifications')
    .set({ status, finished_at: sql<string>`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .execute();
}

/** It is to be sent again, also when it was delivered. */
export async function requeueNotification(db: LedgerDatabase, id: string): Promise<void> {
  await db
    .updateTable('notifications')
    .set({
      status: 'waiting',
      error: null,
      queued_at: sql<string>`clock_timestamp()`,
      tried_at: null,
      finished_at: null,
    })
    .where('id', '=', id)
    .execute();
}

/** What is older is taken away: a list of deliveries is for what is being looked into. */
export async function forgetOldNotifications(db: LedgerDatabase): Promise<void> {
  await sql`delete from notifications where status <> 'waiting' and created_at < now() - interval '90 days'`.execute(
    db,
  );
  await sql`delete from judged_runs where judged_at < now() - interval '90 days'`.execute(db);
}
