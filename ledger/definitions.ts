import { sql, type Transaction } from 'kysely';
import { storedSecretsIn } from '../definitions/reference-syntax.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import type { DefinitionKind, LedgerTables } from './schema.ts';
import { writeSecrets, type SealedSecret } from './secrets.ts';

export interface StoredDefinition {
  kind: DefinitionKind;
  name: string;
  version: number;
  document: Record<string, unknown>;
  digest: string;
}

/** The definitions as they stand: the newest version of each that was not removed. */
export async function currentDefinitions(db: LedgerDatabase): Promise<StoredDefinition[]> {
  const rows = await db
    .selectFrom('definitions')
    .distinctOn(['kind', 'name'])
    .select(['kind', 'name', 'version', 'document', 'digest'])
    .orderBy('kind')
    .orderBy('name')
    .orderBy('version', 'desc')
    .execute();
  return rows.flatMap(({ document, ...row }) => (document === null ? [] : [{ ...row, document }]));
}

export interface DefinitionTimes {
  /** Of the first version that is known, in ISO 8601. */
  createdAt: string;
  updatedAt: string;
}

/** When the definitions of a kind were made and last changed, by name. */
export async function definitionTimes(
  db: LedgerDatabase,
  kind: DefinitionKind,
): Promise<ReadonlyMap<string, DefinitionTimes>> {
  const rows = await db
    .selectFrom('definitions')
    .select(({ fn }) => [
      'name',
      fn.min('created_at').as('created_at'),
      fn.max('created_at').as('updated_at'),
    ])
    .where('kind', '=', kind)
    .groupBy('name')
    .execute();
  return new Map(
    rows.map(({ created_at, name, updated_at }) => [
      name,
      { createdAt: created_at.toISOString(), updatedAt: updated_at.toISOString() },
    ]),
  );
}

export interface DefinitionWrite {
  kind: DefinitionKind;
  name: string;
  /** Null removes it. */
  document: object | null;
  digest: string;
  /** Of a connection, encrypted; with its definition or not at all. */
  secrets?: readonly SealedSecret[];
}

/** What somebody has read of the definitions, and leans on. */
export type DefinitionsRead = readonly Pick<StoredDefinition, 'kind' | 'name' | 'version'>[];

/**
 * Writes new versions in one transaction. One writer at a time, so that two `apply` at once give two versions.
 *
 * @param basis what `writes` follow from; without it they hold whatever stands
 * @throws definitions_changed when something else stands than `basis`
 */
export async function writeDefinitions(
  db: LedgerDatabase,
  writes: readonly DefinitionWrite[],
  basis?: DefinitionsRead,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`lock table definitions in share row exclusive mode`.execute(transaction);
    if (basis !== undefined && versionsIn(basis) !== versionsIn(await currentDefinitions(transaction)))
      throw new BackhaulError('definitions_changed');
    for (const write of writes) {
      await writeVersion(transaction, write);
      // What no field refers to any more is not kept.
      if (write.kind === 'connection') {
        await writeSecrets(
          transaction,
          write.name,
          write.secrets ?? [],
          storedSecretsIn(write.document ?? {}),
        );
      }
    }
  });
}

/** In the order of the query. */
const versionsIn = (read: DefinitionsRead): string =>
  JSON.stringify(read.map(({ kind, name, version }) => [kind, name, version]));

async function writeVersion(transaction: Transaction<LedgerTables>, write: DefinitionWrite): Promise<void> {
  const last = await transaction
    .selectFrom('definitions')
    .select(({ fn }) => fn.max('version').as('version'))
    .where('kind', '=', write.kind)
    .where('name', '=', write.name)
    .executeTakeFirst();
  await transaction
    .insertInto('definitions')
    .values({
      kind: write.kind,
      name: write.name,
      version: (last?.version ?? 0) + 1,
      document: write.document === null ? null : JSON.stringify(write.document),
      digest: write.digest,
    })
    .execute();
}
