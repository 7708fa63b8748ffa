import { sql, type Transaction } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import type { LedgerTables } from './schema.ts';
import {
  nextMappings,
  STATE_ENCODING,
  STATES_KEPT,
  type StateIdentity,
  type StateMapping,
  type TraitSummary,
} from './state-record.ts';

export interface StatePointer {
  id: string;
  generation: number;
  identity: StateIdentity;
  blob: string | null;
  entries: number;
  /** Entries of keys that are in the model. */
  liveEntries: number;
  mappingDigest: string | null;
  traits: TraitSummary[] | null;
  /** All that may have left fingerprints in it, oldest first; without those of versions that did not keep them. */
  mappings: StateMapping[];
  runNumber: number | null;
}

export async function readState(db: LedgerDatabase, sync: string): Promise<StatePointer | undefined> {
  const row = await db.selectFrom('states').selectAll().where('sync', '=', sync).executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.encoding !== STATE_ENCODING) {
    throw new BackhaulError('state_unreadable', `sync ${sync}, encoding ${row.encoding}`);
  }
  return {
    id: row.id,
    generation: row.generation,
    identity: row.identity,
    blob: row.blob,
    entries: Number(row.entries),
    liveEntries: Number(row.live_entries),
    mappingDigest: row.mapping_digest,
    traits: row.traits,
    mappings: row.mappings,
    runNumber: row.run_number,
  };
}

/**
 * The state of a sync, begun when there is none. Two beginnings at once give one. As long as Segment took nothing the
 * state may belong to another destination or key than it was begun with.
 */
export async function beginState(
  db: LedgerDatabase,
  sync: string,
  identity: StateIdentity,
): Promise<StatePointer> {
  await db
    .insertInto('states')
    .values({
      sync,
      generation: 1,
      identity: JSON.stringify(identity),
      blob: null,
      encoding: STATE_ENCODING,
      entries: 0,
      live_entries: 0,
      mapping_digest: null,
      traits: null,
      run_id: null,
      run_number: null,
      updated_at: sql<string>`clock_timestamp()`,
    })
    .onConflict((conflict) =>
      conflict
        .column('sync')
        .doUpdateSet({ identity: JSON.stringify(identity) })
        .where('states.blob', 'is', null),
    )
    .execute();
  const state = await readState(db, sync);
  if (state === undefined) throw new BackhaulError('ledger_unreachable', `state of ${sync}`);
  return state;
}

export interface StateMove {
  sync: string;
  /** The run whose POSTs are folded in. */
  run: string;
  runNumber: number;
  /** The run that does it: itself, or the one that superseded it. */
  by: string;
  /** The state that the fold started from. */
  previous: string | null;
  /** Null: nothing moved; the run is marked settled all the same. */
  next: { blob: string; entries: number; liveEntries: number } | null;
  /** By which the run took its fingerprints; null: it took none. */
  mapping: StateMapping | null;
  /** Its traits, when the whole plan was delivered: the next run compares its mapping with it. */
  delivered: TraitSummary[] | null;
}

/**
 * Moves the pointer of the state and marks the run settled, in one transaction, by compare-and-set: the run is not
 * yet settled, no newer run than `by` was opened, and the pointer still names the state that the fold started from.
 *
 * @returns the blobs of states that are no longer kept; undefined when somebody else was faster
 */
export async function moveState(db: LedgerDatabase, move: StateMove): Promise<string[] | undefined> {
  return db.transaction().execute(async (transaction) => {
    const settled = await transaction
      .updateTable('runs')
      .set({ settled: true })
      .where('id', '=', move.run)
      .where('settled', '=', false)
      .where(({ not, exists, selectFrom, val }) =>
        not(
          exists(
            selectFrom('runs as newer')
              .select(sql`1`.as('one'))
              .where('newer.sync', '=', move.sync)
              .whereRef(
                'newer.number',
                '>',
                selectFrom('runs as by').select('by.number').where('by.id', '=', val(move.by)),
              ),
          ),
        ),
      )
      .executeTakeFirst();
    if (settled.numUpdatedRows !== 1n) return undefined;
    if (move.next === null && move.delivered === null) return [];

    let update = transaction
      .updateTable('states')
      .set({
        updated_at: sql<string>`clock_timestamp()`,
        run_id: move.run,
        run_number: move.runNumber,
      })
      .where('sync', '=', move.sync)
      .where(({ eb }) => (move.previous === null ? eb('blob', 'is', null) : eb('blob', '=', move.previous)));
    if (move.next !== null) {
      update = update.set({
        blob: move.next.blob,
        entries: move.next.entries,
        live_entries: move.next.liveEntries,
      });
    }
    if (move.mapping !== null) {
      const mappings = await mappingsAfter(transaction, move.sync, move.mapping, move.delivered !== null);
      update = update.set({ mappings: JSON.stringify(mappings) });
      if (move.delivered !== null) {
        update = update.set({
          mapping_digest: move.mapping.digest,
          traits: JSON.stringify(move.delivered),
        });
      }
    }
    const moved = await update.returning('generation').executeTakeFirst();
    if (moved === undefined)
      throw new BackhaulError('run_superseded', `state of ${move.sync} was moved by another`);
    if (move.next === null) return [];

    await transaction
      .insertInto('state_history')
      .values({
        sync: move.sync,
        generation: moved.generation,
        run_number: move.runNumber,
        blob: move.next.blob,
      })
      .execute();
    const old = await sql<{ blob: string }>`
      delete from state_history
      where sync = ${move.sync} and (generation, run_number) not in (
        select generation, run_number from state_history where sync = ${move.sync}
        order by generation desc, run_number desc limit ${STATES_KEPT + 1})
      returning blob`.execute(transaction);
    return old.rows.map((row) => row.blob);
  });
}

async function mappingsAfter(
  transaction: Transaction<LedgerTables>,
  sync: string,
  mapping: StateMapping,
  isDelivered: boolean,
): Promise<StateMapping[]> {
  const before = await transaction
    .selectFrom('states')
    .select(['mapping_digest', 'mappings'])
    .where('sync', '=', sync)
    .forUpdate()
    .executeTakeFirst();
  return nextMappings(before?.mappings ?? [], before?.mapping_digest ?? null, mapping, isDelivered);
}
