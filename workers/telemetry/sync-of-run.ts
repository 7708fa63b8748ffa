import type { Ledger } from '../../ledger/connect.ts';

const MOST_KEPT = 1000;

/** Which sync a run is of, asked of the ledger once a run. Only for the log: a ledger that does not answer is no fault of the step. */
export function syncOfRun({ db }: Pick<Ledger, 'db'>): (run: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (run) => {
    const found = known.get(run) ?? (await ask(run));
    if (found !== undefined) {
      if (known.size >= MOST_KEPT) known.clear();
      known.set(run, found);
    }
    return found;
  };

  async function ask(run: string): Promise<string | undefined> {
    try {
      const row = await db.selectFrom('runs').select('sync').where('id', '=', run).executeTakeFirst();
      return row?.sync;
    } catch {
      // The step itself asks the ledger next, and says what is the matter.
      return undefined;
    }
  }
}
