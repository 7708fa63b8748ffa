import { Context } from '@temporalio/activity';
import { endReading } from '../ledger/reading.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { openSource } from '../sources/open.ts';
import type { Dependencies } from './dependencies.ts';
import { resolveWarehouse } from './resolve-ends.ts';

const PATIENCE_MS = 30_000;

/**
 * Ends what a run has left at the warehouse: its worker died, and nobody came who could have gone on. The end of a run does
 * not hang on it: what cannot be released runs out by itself, and is logged.
 */
export async function releaseReading(dependencies: Dependencies, run: RunRecord): Promise<void> {
  const reading = await endReading(dependencies.ledger.db, run.id);
  if (reading === null) return;
  const { model, source: definition } = run.definition;
  try {
    const source = await openSource(
      model.connection,
      await resolveWarehouse(dependencies, model.connection, definition),
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
      error: error instanceof Error ? error.name : typeof error,
    });
  }
}
