import { Context } from '@temporalio/activity';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import { endReading, forgetReading } from '../ledger/reading.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { openSource } from '../sources/open.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Place } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';
import { resolveWarehouse } from './resolve-ends.ts';

const PATIENCE_MS = 30_000;

/**
 * Ends what a run has left at the warehouse: its worker died, and nobody came who could have gone on. The end of a run does
 * not hang on it: what cannot be released runs out by itself, and is logged.
 */
export async function releaseReading(dependencies: Dependencies, run: RunRecord): Promise<void> {
  const { db } = dependencies.ledger;
  const reading = await endReading(db, run.id);
  if (reading === null) return;
  const { model, source } = run.definition;
  await releasePlace(dependencies, model.connection, () => source, reading.place);
  // Not before: a worker that dies on the way leaves it to the next attempt.
  await forgetReading(db, run.id, null);
}

/** Ends what a warehouse keeps for a place, or logs that it could not. */
export async function releasePlace(
  dependencies: Dependencies,
  connection: string,
  definition: () => ConnectionDefinition | Promise<ConnectionDefinition>,
  place: Place,
): Promise<void> {
  try {
    const source = await openSource(
      connection,
      await resolveWarehouse(dependencies, connection, await definition()),
      { signal: AbortSignal.timeout(PATIENCE_MS), allowedEndpoints: dependencies.allowedEndpoints },
    );
    try {
      await source.release?.(place);
    } finally {
      await source.close();
    }
  } catch (error) {
    Context.current().log.warn('A query or its result was left at the warehouse', {
      connection,
      error: error instanceof BackhaulError ? error.code : error instanceof Error ? error.name : typeof error,
    });
  }
}
