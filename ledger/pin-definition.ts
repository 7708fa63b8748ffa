import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ModelDefinition } from '../definitions/model.ts';
import { nearestName } from '../definitions/nearest.ts';
import type { SyncDefinition } from '../definitions/sync.ts';
import { errorTable } from '../vocabulary/errors.ts';
import { currentDefinitions, type StoredDefinition } from './definitions.ts';
import type { LedgerDatabase } from './connect.ts';
import type { PinnedDefinition } from './run-record.ts';
import type { DefinitionKind } from './schema.ts';

const missing = {
  sync: 'sync_not_found',
  model: 'model_not_found',
  connection: 'connection_not_found',
  alert: 'alert_not_found',
} as const;

/** A sync with all that it hangs on, as it stands now. */
export async function pinDefinition(db: LedgerDatabase, sync: string): Promise<PinnedDefinition> {
  const find = finder(await currentDefinitions(db));
  const syncRow = find<SyncDefinition>('sync', sync);
  const modelRow = find<ModelDefinition>('model', syncRow.document.model);
  const source = find<ConnectionDefinition>('connection', modelRow.document.connection);
  const destination = find<ConnectionDefinition>('connection', syncRow.document.destination);
  return {
    sync: syncRow.document,
    model: modelRow.document,
    source: source.document,
    destination: destination.document,
    versions: {
      sync: syncRow.version,
      model: modelRow.version,
      source: source.version,
      destination: destination.version,
    },
  };
}

/** @throws BackhaulError full_not_for_append: a row that a sync has appended never goes out again */
export function refuseFullAppend({ sync }: PinnedDefinition, name: string, full: boolean): void {
  if (full && sync.behavior === 'append') throw new BackhaulError('full_not_for_append', `sync ${name}`);
}

/** A connection as it stands now. */
export async function findConnection(db: LedgerDatabase, name: string): Promise<ConnectionDefinition> {
  return finder(await currentDefinitions(db))<ConnectionDefinition>('connection', name).document;
}

/** A model as it stands now, with its connection. */
export async function findModel(
  db: LedgerDatabase,
  name: string,
): Promise<{ model: ModelDefinition; source: ConnectionDefinition }> {
  const find = finder(await currentDefinitions(db));
  const model = find<ModelDefinition>('model', name).document;
  return { model, source: find<ConnectionDefinition>('connection', model.connection).document };
}

function finder(all: readonly StoredDefinition[]) {
  return <T>(kind: DefinitionKind, name: string): StoredDefinition & { document: T } => {
    const found = all.find((definition) => definition.kind === kind && definition.name === name);
    if (found === undefined) throw notFound(kind, name, all);
    // Only validated documents are stored, so the document of a kind has that kind's type.
    return found as StoredDefinition & { document: T };
  };
}

function notFound(kind: DefinitionKind, name: string, all: readonly StoredDefinition[]): BackhaulError {
  const known = all.filter((definition) => definition.kind === kind).map((definition) => definition.name);
  const near = nearestName(name, known);
  const { action } = errorTable[missing[kind]];
  return new BackhaulError(missing[kind], name, {
    action: near === null ? action : `Did you mean "${near}"? ${action}`,
  });
}
