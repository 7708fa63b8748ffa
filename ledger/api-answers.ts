import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import { IDEMPOTENCY_DAYS } from './open-run.ts';

/** A request that its sender has named, so that it is carried out once. */
export interface NamedRequest {
  keyId: string;
  requestKey: string;
  /** Digest of method, path and body. */
  request: string;
}

export interface KeptAnswer {
  status: number;
  answer: string;
}

/** How often a server says of what it carries out that it still does. */
export const STILL_AT_WORK_EVERY_MS = 5000;
/** What nobody has said that of for so long was lost with its server: it may be done again. Our own client tries for 30 s. */
const LOST_AFTER_SECONDS = 15;

/**
 * Begins a named request: null when it is to be carried out, the kept answer when it has been.
 *
 * @throws idempotency_conflict when the name was given to another request, request_in_progress while it is carried out
 */
export async function beginNamed(
  db: LedgerDatabase,
  { keyId, request, requestKey }: NamedRequest,
): Promise<KeptAnswer | null> {
  const taken = await db
    .insertInto('api_answers')
    .values({ key_id: keyId, request_key: requestKey, request })
    .onConflict((conflict) =>
      conflict
        .columns(['key_id', 'request_key'])
        .doUpdateSet({ request, began_at: sql<Date>`clock_timestamp()`, status: null, answer: null })
        .where(({ and, eb, or }) =>
          or([
            eb('api_answers.began_at', '<', sql<Date>`now() - make_interval(days => ${IDEMPOTENCY_DAYS})`),
            and([
              eb('api_answers.status', 'is', null),
              eb('api_answers.request', '=', request),
              eb(
                'api_answers.began_at',
                '<',
                sql<Date>`now() - make_interval(secs => ${LOST_AFTER_SECONDS})`,
              ),
            ]),
          ]),
        ),
    )
    .returning('key_id')
    .executeTakeFirst();
  if (taken !== undefined) return null;
  const row = await db
    .selectFrom('api_answers')
    .select(['request', 'status', 'answer'])
    .where('key_id', '=', keyId)
    .where('request_key', '=', requestKey)
    .executeTakeFirst();
  if (row !== undefined && row.request !== request) throw new BackhaulError('idempotency_conflict');
  if (row?.status == null) throw new BackhaulError('request_in_progress');
  return { status: row.status, answer: row.answer ?? '' };
}

/** Says of requests that they are still carried out. */
export async function stillAtWork(db: LedgerDatabase, requests: readonly NamedRequest[]): Promise<void> {
  if (requests.length === 0) return;
  await db
    .updateTable('api_answers')
    .set({ began_at: sql<Date>`clock_timestamp()` })
    .where('status', 'is', null)
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('key_id', 'request_key'),
        'in',
        requests.map(({ keyId, requestKey }) => tuple(keyId, requestKey)),
      ),
    )
    .execute();
}

export async function keepAnswer(
  db: LedgerDatabase,
  { keyId, requestKey }: NamedRequest,
  { answer, status }: KeptAnswer,
): Promise<void> {
  await db
    .updateTable('api_answers')
    .set({ status, answer })
    .where('key_id', '=', keyId)
    .where('request_key', '=', requestKey)
    .execute();
}

/** It came to nothing: the same name may be used to try again. */
export async function forgetNamed(db: LedgerDatabase, { keyId, requestKey }: NamedRequest): Promise<void> {
  await db
    .deleteFrom('api_answers')
    .where('key_id', '=', keyId)
    .where('request_key', '=', requestKey)
    .execute();
}

/** Removes what is too old to be asked for. */
export async function removeOldAnswers(db: LedgerDatabase): Promise<void> {
  await db
    .deleteFrom('api_answers')
    .where('began_at', '<', sql<Date>`now() - make_interval(days => ${IDEMPOTENCY_DAYS})`)
    .execute();
}
