import { sql } from 'kysely';
import { NOTIFICATION_PATIENCE_MS, NOTIFICATION_TRIES_APART_MS } from '../vocabulary/alert.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';

/** To one channel at once: one that hangs holds so many slots of a worker at most. More: a burst is told sooner. */
export const MOST_OF_A_CHANNEL = 10;
/** Of all channels. The rest waits for the next look. */
const MOST_AT_ONCE = 200;
/** Later than its workflow gives up, which says more of why. */
const EXPIRES_MS = NOTIFICATION_PATIENCE_MS + 3_600_000;
/** What was tried since then has a workflow that tries it again; one that was terminated is followed by another. */
const GOES_ON_MS = 2 * NOTIFICATION_TRIES_APART_MS;

/**
 * What a look at the alerts has sent: of each channel its oldest, as many as are not being tried already, so that a channel that takes
 * nothing keeps nobody else waiting.
 */
export async function notificationsToSend(
  db: LedgerDatabase,
): Promise<{ id: string; channel: string; sync: string }[]> {
  const { rows } = await sql<{ id: string; channel: string; sync: string }>`
    select id, channel, sync from (
      select id, channel, sync, queued_at, tried_at,
        row_number() over (partition by channel order by queued_at, id) as turn
      from notifications where status = 'waiting') as waiting
    where turn <= ${MOST_OF_A_CHANNEL}
      and (tried_at is null or tried_at < now() - make_interval(secs => ${GOES_ON_MS / 1000}))
    order by turn, queued_at limit ${MOST_AT_ONCE}`.execute(db);
  return rows;
}

/** Gives up what has waited for too long, also what never had its turn: nobody wants to hear of it after a week. */
export async function giveUpExpired(db: LedgerDatabase): Promise<void> {
  const isExpired = sql<boolean>`status = 'waiting' and queued_at < now() - make_interval(secs => ${EXPIRES_MS / 1000})`;
  const channels = await db
    .selectFrom('notifications')
    .select('channel')
    .distinct()
    .where(isExpired)
    .execute();
  for (const { channel } of channels) {
    const error = new BackhaulError('notification_expired', `connection ${channel}`).view();
    await db
      .updateTable('notifications')
      .set({
        status: 'failed',
        finished_at: sql<string>`clock_timestamp()`,
        error: sql<string>`coalesce(error, ${JSON.stringify(error)}::jsonb)`,
      })
      .where(isExpired)
      .where('channel', '=', channel)
      .execute();
  }
}
