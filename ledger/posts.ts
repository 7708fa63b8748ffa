import { sql } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { PostOutcome } from './schema.ts';

export interface Booking {
  run: string;
  page: number;
  /** Messages [first, beyond) of the page. */
  first: number;
  beyond: number;
  attempt: number;
  rateLimitGroup: string;
  eventsPerSecond: number;
  /** From the start of the slot to the deadline, in milliseconds: the POST's own timeout is shorter. */
  allowanceMs: number;
}

export type Booked =
  | {
      kind: 'booked';
      post: number;
      /** Until the slot starts, by the ledger's clock. */
      startsInMs: number;
      deadlineInMs: number;
    }
  /** The run was superseded or closed, or a newer attempt sends this page. */
  | { kind: 'refused' };

/**
 * Books a slot of the rate limit and writes the POST into the journal, in one statement: either both happen or
 * none. The run's row is locked for share, so that superseding it waits for this and then sees the POST; the group's
 * row is locked by its update, so that slots of all workers follow one another by the database's clock.
 */
export async function bookPost(db: LedgerDatabase, booking: Booking): Promise<Booked> {
  const slotSeconds = slotMicroseconds(booking.beyond - booking.first, booking.eventsPerSecond) / 1e6;
  const allowance = booking.allowanceMs / 1000;
  const { rows } = await sql<{ id: number; starts: number; ends: number }>`
    with permitted as (
      select 1 from runs where id = ${booking.run} and open for share
    ), fenced as (
      update pages set fence = ${booking.attempt}
      where run_id = ${booking.run} and page = ${booking.page} and fence <= ${booking.attempt}
        and exists (select 1 from permitted)
      returning 1
    ), slot as (
      insert into rate_limits as limits (rate_limit_group, cursor)
      select ${booking.rateLimitGroup}, clock_timestamp() + make_interval(secs => ${slotSeconds}) from fenced
      on conflict (rate_limit_group) do update
        set cursor = greatest(limits.cursor, clock_timestamp(), limits.held_until) + make_interval(secs => ${slotSeconds})
      returning limits.cursor - make_interval(secs => ${slotSeconds}) as start
    )
    insert into posts (run_id, page, first, beyond, attempt, slot_at, deadline)
    select ${booking.run}, ${booking.page}, ${booking.first}, ${booking.beyond}, ${booking.attempt}, start,
           greatest(start, clock_timestamp()) + make_interval(secs => ${allowance})
    from slot
    returning id,
              (extract(epoch from slot_at - clock_timestamp()) * 1000)::float8 as starts,
              (extract(epoch from deadline - clock_timestamp()) * 1000)::float8 as ends`.execute(db);
  const row = rows[0];
  if (row === undefined) return { kind: 'refused' };
  return { kind: 'booked', post: row.id, startsInMs: Math.max(0, row.starts), deadlineInMs: row.ends };
}

/** How long the group's cursor moves for a POST. Rounded up, so that rounding never adds up to more than the rate. */
export const slotMicroseconds = (events: number, eventsPerSecond: number): number =>
  Math.ceil((events * 1e6) / eventsPerSecond);

export async function recordOutcome(
  db: LedgerDatabase,
  post: number,
  outcome: PostOutcome,
  httpStatus: number | null,
): Promise<void> {
  await db
    .updateTable('posts')
    .set({ outcome, http_status: httpStatus, finished_at: sql<string>`clock_timestamp()` })
    .where('id', '=', post)
    .execute();
}

export interface PostRecord {
  first: number;
  beyond: number;
  outcome: PostOutcome | null;
  http_status: number | null;
}

/** All POSTs of a page, oldest first. */
export async function postsOfPage(db: LedgerDatabase, run: string, page: number): Promise<PostRecord[]> {
  return db
    .selectFrom('posts')
    .select(['first', 'beyond', 'outcome', 'http_status'])
    .where('run_id', '=', run)
    .where('page', '=', page)
    .orderBy('id')
    .execute();
}

export interface TimedPost extends PostRecord {
  /** When its slot began. */
  slot_at: Date;
  finished_at: Date | null;
}

/** The same with their times. */
export async function timedPostsOfPage(db: LedgerDatabase, run: string, page: number): Promise<TimedPost[]> {
  return db
    .selectFrom('posts')
    .select(['first', 'beyond', 'outcome', 'http_status', 'slot_at', 'finished_at'])
    .where('run_id', '=', run)
    .where('page', '=', page)
    .orderBy('id')
    .execute();
}

/** The last POSTs of a run, the newest first, with the ids that they have in the journal. */
export async function lastPosts(
  db: LedgerDatabase,
  run: string,
  most: number,
): Promise<(PostRecord & { id: number })[]> {
  return db
    .selectFrom('posts')
    .select(['id', 'first', 'beyond', 'outcome', 'http_status'])
    .where('run_id', '=', run)
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
}

/** How many single messages Segment refused in the run; null: it accepted some, and nobody counts. */
export async function refusedUnlessAccepted(db: LedgerDatabase, run: string): Promise<number | null> {
  const { rows } = await sql<{ refused: number | null }>`
    select case when not exists (select 1 from posts where run_id = ${run} and outcome = 'accepted')
           then (select count(distinct (page, first)) from posts
                 where run_id = ${run} and outcome = 'refused' and beyond = first + 1) end as refused`.execute(
    db,
  );
  return rows[0]?.refused ?? null;
}

/** What a run under way has reached so far: exact to the last answer, where pages are counted only when they are done. */
export async function liveCounts(
  db: LedgerDatabase,
  run: string,
): Promise<{ accepted: number; rejected: number; requests: number }> {
  const { rows } = await sql<{ accepted: number; rejected: number; requests: number }>`
    select coalesce(sum(beyond - first) filter (where outcome = 'accepted'), 0)::bigint as accepted,
           count(*) filter (where outcome = 'refused' and beyond = first + 1) as rejected,
           count(*) filter (where outcome is null or outcome <> 'not_sent') as requests
    from posts where run_id = ${run}`.execute(db);
  return rows[0] ?? { accepted: 0, rejected: 0, requests: 0 };
}
