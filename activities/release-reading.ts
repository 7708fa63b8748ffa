import { Context } from '@temporalio/activity';
import { endReading, forgetReading } from '../ledger/reading.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { openSource } from '../sources/open.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
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
  const { model, source: definition } = run.definition;
  try {
    const source = await openSource(
      model.connection,
      resolveWarehouse(model.connection, definition, dependencies.env),
      { signal: AbortSignal.timeout(PATIENCE_MS), allowedEndpoints: dependencies.allowedEndpoints },
    );
    try {
      await source.release?.(reading.place);
    } finally {
      await source.close();
    }
  } catch (error) {
    Context.current().log.warn('A query or its result was left at the warehouse', {
      connection: model.connection,
      error: error instanceof BackhaulError ? error.code : error instanceof Error ? error.name : typeof error,
    });
  }
  // Not before: a worker that dies on the way leaves it to the next attempt.
  await forgetReading(db, run.id, null);
}
