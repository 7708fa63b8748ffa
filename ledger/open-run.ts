import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import { pinDefinition } from './pin-definition.ts';
import { readSelection } from './selections.ts';
import { sameArguments, type Adoption, type RunArguments } from './run-arguments.ts';
import { NOTHING_YET } from './schema.ts';

export interface OpenRunInput {
  id: string;
  sync: string;
  workflowId: string;
  full: boolean;
  review: boolean;
  /** The run records rows as delivered and sends none. @default null */
  adopt?: Adoption | null;
  idempotencyKey: string | null;
  /** What it is restricted to. */
  selection?: string | null;
}

export type OpenedRun =
  | {
      kind: 'opened';
      number: number;
      /** Earlier runs whose POSTs are not yet folded into the state, oldest first. */
      settle: string[];
      /** Until then a POST of an earlier run may still arrive at Segment. */
      waitMs: number;
    }
  /** The idempotency key gave this run already. */
  | { kind: 'existing'; run: string };

export const IDEMPOTENCY_DAYS = 7;

/**
 * Opens a run and supersedes the earlier ones of its sync: from here on none of them can book a POST. Idempotent
 * on the run id.
 *
 * @throws run_superseded when this run was itself superseded, idempotency_conflict, sync_not_found and its like
 */
export async function openRun(db: LedgerDatabase, input: OpenRunInput): Promise<OpenedRun> {
  const definition = await pinDefinition(db, input.sync);
  const { adopt = null, full, review, selection = null } = input;
  const given: RunArguments = {
    full,
    review,
    ...(adopt !== null && { adopt }),
    ...(selection !== null && { selection }),
  };
  if (selection !== null) await readSelection(db, selection, input.sync);
  return db.transaction().execute(async (transaction) => {
    // One opening of a sync at a time: numbers rise without gaps and no key is given twice.
    await sql`select pg_advisory_xact_lock(hashtextextended(${'open run ' + input.sync}, 0))`.execute(
      transaction,
    );
    const own = await transaction
      .selectFrom('runs')
      .select(['number', 'open'])
      .where('id', '=', input.id)
      .executeTakeFirst();
    if (own !== undefined && !own.open) throw new BackhaulError('run_superseded', `run ${input.id}`);

    if (own === undefined && input.idempotencyKey !== null) {
      const earlier = await transaction
        .selectFrom('runs')
        .select(['id', 'arguments'])
        .where('sync', '=', input.sync)
        .where('idempotency_key', '=', input.idempotencyKey)
        .where('started_at', '>', sql<Date>`now() - make_interval(days => ${IDEMPOTENCY_DAYS})`)
        .orderBy('started_at', 'desc')
        .executeTakeFirst();
      if (earlier !== undefined) {
        if (!sameArguments(earlier.arguments, given)) {
          throw new BackhaulError('idempotency_conflict', `sync ${input.sync}`);
        }
        return { kind: 'existing', run: earlier.id };
      }
    }

    let number = own?.number ?? null;
    if (number === null) {
      const last = await transaction
        .selectFrom('runs')
        .select(({ fn }) => fn.max('number').as('number'))
        .where('sync', '=', input.sync)
        .executeTakeFirst();
      number = (last?.number ?? 0) + 1;
      await transaction
        .insertInto('runs')
        .values({
          id: input.id,
          sync: input.sync,
          number,
          status: 'working',
          open: true,
          settled: false,
          workflow_id: input.workflowId,
          arguments: JSON.stringify(given),
          idempotency_key: input.idempotencyKey,
          definition: JSON.stringify(definition),
          ...NOTHING_YET,
          started_at: sql<string>`clock_timestamp()`,
          finished_at: null,
          error: null,
        })
        .execute();
    }

    // The row lock waits for bookings in flight, which hold the row for share: after this none can follow.
    await transaction
      .updateTable('runs')
      .set({ open: false })
      .where('sync', '=', input.sync)
      .where('number', '<', number)
      .where('open', '=', true)
      .execute();
    const unsettled = await transaction
      .selectFrom('runs')
      .select('id')
      .where('sync', '=', input.sync)
      .where('number', '<', number)
      // One that was ended from outside between both has moved the state, and has not said how it ended.
      .where(({ eb, or }) => or([eb('settled', '=', false), eb('finished_at', 'is', null)]))
      .orderBy('number')
      .execute();
    const settle = unsettled.map((run) => run.id);
    return { kind: 'opened', number, settle, waitMs: await msUntilQuiet(transaction, settle) };
  });
}

/** Milliseconds until the last deadline of POSTs without an answer: after that none of them can still arrive. */
export async function msUntilQuiet(db: LedgerDatabase, runs: readonly string[]): Promise<number> {
  if (runs.length === 0) return 0;
  const row = await db
    .selectFrom('posts')
    .select(
      sql<number | null>`ceil(extract(epoch from max(deadline) - clock_timestamp()) * 1000)::int`.as('ms'),
    )
    .where('run_id', 'in', runs)
    .where('outcome', 'is', null)
    .executeTakeFirst();
  return Math.max(0, row?.ms ?? 0);
}
