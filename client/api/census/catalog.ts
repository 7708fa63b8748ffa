import type { Definitions, Section } from '../../../definitions/schema.ts';
import { censusIds } from '../../../ledger/census-names.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { installedDefinitions } from '../../apply.ts';
import type { ClientConnection } from '../../connection.ts';

/** Census's API knows no alerts of ours. */
type NumberedSection = Exclude<Section, 'alerts'>;

/** What is defined, and the whole numbers of all of it. */
export interface Catalog {
  definitions: Definitions;
  ids: Record<NumberedSection, ReadonlyMap<string, number>>;
}

export async function readCatalog(connection: ClientConnection): Promise<Catalog> {
  const { db } = connection.ledger;
  const definitions = await installedDefinitions(connection);
  const { connections, models, syncs } = definitions;
  const given = Object.entries(syncs).flatMap(([name, { censusId }]): [string, number][] =>
    censusId === undefined ? [] : [[name, censusId]],
  );
  return {
    definitions,
    ids: {
      connections: await censusIds(db, 'connection', Object.keys(connections)),
      models: await censusIds(db, 'model', Object.keys(models)),
      syncs: await censusIds(db, 'sync', Object.keys(syncs), new Map(given)),
    },
  };
}

/** The number of what the catalog has. */
export function idOf({ ids }: Catalog, section: NumberedSection, name: string): number {
  const id = ids[section].get(name);
  // All that is defined was given a number when the catalog was read.
  if (id === undefined) throw new BackhaulError('internal', `${section} ${name}`);
  return id;
}

/** The name of the sync that has that number. @throws sync_not_found */
export function syncOfId({ definitions, ids }: Catalog, id: number): string {
  const name = Object.keys(definitions.syncs).find((one) => ids.syncs.get(one) === id);
  if (name === undefined) throw new BackhaulError('sync_not_found', `id ${id}`);
  return name;
}
