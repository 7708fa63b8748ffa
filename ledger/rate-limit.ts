import { sql } from 'kysely';
import type { LedgerDatabase } from './connect.ts';

/** Milliseconds that senders of the group have to stay silent because Segment asked to; 0: none. */
export async function readHoldMs(db: LedgerDatabase, rateLimitGroup: string): Promise<number> {
  const row = await db
    .selectFrom('rate_limits')
    .select(
      sql<number | null>`ceil(extract(epoch from held_until - clock_timestamp()) * 1000)::float8`.as('ms'),
    )
    .where('rate_limit_group', '=', rateLimitGroup)
    .executeTakeFirst();
  return Math.max(0, row?.ms ?? 0);
}

/** Holds every sender of the group for as long as Segment asked (Retry-After). A longer hold is never shortened. */
export async function holdGroup(db: LedgerDatabase, rateLimitGroup: string, ms: number): Promise<void> {
  await sql`
    insert into rate_limits as limits (rate_limit_group, cursor, held_until)
    values (${rateLimitGroup}, clock_timestamp(), clock_timestamp() + make_interval(secs => ${ms / 1000}))
    on conflict (rate_limit_group) do update
      set held_until = greatest(limits.held_until, excluded.held_until)`.execute(db);
}
