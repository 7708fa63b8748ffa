import { sql } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { DefinitionKind } from './schema.ts';

/**
 * The whole numbers of these names. A name gets its number when it is first asked for and keeps it, also when what it names is
 * removed and comes back.
 *
 * @param given numbers that definitions ask for: they come before any other
 */
export async function censusIds(
  db: LedgerDatabase,
  kind: DefinitionKind,
  names: readonly string[],
  given: ReadonlyMap<string, number> = new Map(),
): Promise<ReadonlyMap<string, number>> {
  const stored = await storedIds(db, kind);
  if (planIds(stored, names, given).size === 0) return stored;
  return db.transaction().execute(async (transaction) => {
    // One at a time, or two would give the same number to different names.
    await sql`select pg_advisory_xact_lock(hashtextextended('census names', 0))`.execute(transaction);
    const before = await storedIds(transaction, kind);
    const changes = planIds(before, names, given);
    if (changes.size === 0) return before;
    await transaction
      .deleteFrom('census_names')
      .where('kind', '=', kind)
      .where('name', 'in', [...changes.keys()])
      .execute();
    await transaction
      .insertInto('census_names')
      .values([...changes].map(([name, id]) => ({ kind, name, id })))
      .execute();
    return new Map([...before, ...changes]);
  });
}

async function storedIds(db: LedgerDatabase, kind: DefinitionKind): Promise<Map<string, number>> {
  const rows = await db.selectFrom('census_names').select(['name', 'id']).where('kind', '=', kind).execute();
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** The numbers that are to be written: of new names, of those that a definition gives one, and of those that it is taken from. */
export function planIds(
  stored: ReadonlyMap<string, number>,
  names: readonly string[],
  given: ReadonlyMap<string, number>,
): Map<string, number> {
  const taken = new Set(given.values());
  const changes = new Map([...given].filter(([name, id]) => stored.get(name) !== id));
  const keeps = (name: string): boolean => {
    const id = stored.get(name);
    return id !== undefined && !taken.has(id);
  };
  const without = new Set([...stored.keys(), ...names].filter((name) => !given.has(name) && !keeps(name)));
  let last = Math.max(0, ...stored.values(), ...taken);
  for (const name of without) changes.set(name, ++last);
  return changes;
}
