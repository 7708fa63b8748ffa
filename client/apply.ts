import { diffDefinitions, digestDefinition, type Change } from '../definitions/difference.ts';
import { sectionOf, type Definitions } from '../definitions/schema.ts';
import { currentDefinitions, writeDefinitions, type DefinitionWrite } from '../ledger/definitions.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ClientConnection } from './connection.ts';
import { planSchedules, type ScheduleChange } from './schedules/plan-schedules.ts';

/** What `apply` would do, or has done. */
export interface ApplyPlan {
  changes: (Change | ScheduleChange)[];
  /** Carries it out. */
  apply(): Promise<void>;
}

/** The definitions of the installation as they stand. */
export async function installedDefinitions({ ledger }: ClientConnection): Promise<Definitions> {
  const definitions: Definitions = { connections: {}, models: {}, syncs: {} };
  for (const { kind, name, document } of await currentDefinitions(ledger.db)) {
    // Only validated documents are stored, so the document of a kind has that kind's type.
    (definitions[sectionOf[kind]] as Record<string, unknown>)[name] = document;
  }
  return definitions;
}

/**
 * Compares given definitions with the installation's. Adds and changes; removes what is not given only with `prune`.
 *
 * @throws definitions_invalid when what would stand afterwards hangs on something that is not there
 */
export async function planApply(
  connection: ClientConnection,
  given: Definitions,
  options: { prune?: boolean } = {},
): Promise<ApplyPlan> {
  const installed = await installedDefinitions(connection);
  const after: Definitions = options.prune
    ? given
    : {
        connections: { ...installed.connections, ...given.connections },
        models: { ...installed.models, ...given.models },
        syncs: { ...installed.syncs, ...given.syncs },
      };
  requireWhole(after);
  const changes = diffDefinitions(installed, after);
  const schedules = await planSchedules(connection, after.syncs);
  return {
    changes: [...changes, ...schedules.changes],
    async apply() {
      const writes = changes.flatMap(({ change, kind, name }): DefinitionWrite[] => {
        if (change === 'unchanged') return [];
        const document = after[sectionOf[kind]][name] ?? null;
        return [{ kind, name, document, digest: digestDefinition(document ?? {}) }];
      });
      await writeDefinitions(connection.ledger.db, writes);
      await schedules.apply();
    },
  };
}

function requireWhole({ connections, models, syncs }: Definitions): void {
  const faults: string[] = [];
  const has = (named: Record<string, unknown>, name: string, fault: string): void => {
    if (!Object.hasOwn(named, name)) faults.push(fault);
  };
  for (const [name, { connection }] of Object.entries(models)) {
    has(connections, connection, `model ${name} needs connection ${connection}`);
  }
  for (const [name, { after = [], destination, model }] of Object.entries(syncs)) {
    for (const followed of after) has(syncs, followed, `sync ${name} needs sync ${followed}`);
    has(models, model, `sync ${name} needs model ${model}`);
    has(connections, destination, `sync ${name} needs connection ${destination}`);
  }
  if (faults.length > 0) throw new BackhaulError('definitions_invalid', faults.join('; '));
}
