import { markReadProgress } from '../ledger/runs.ts';
import type { Dependencies } from './dependencies.ts';

const INTERVAL_MS = 5000;

/** Marks that a run comes on, at most so often. */
export function progressMarker({ ledger }: Pick<Dependencies, 'ledger'>, run: string): () => void {
  let markedAt = Date.now();
  return () => {
    if (Date.now() - markedAt < INTERVAL_MS) return;
    markedAt = Date.now();
    // Only the limit noProgress reads it, and the next mark follows soon.
    markReadProgress(ledger.db, run).catch(() => undefined);
  };
}
