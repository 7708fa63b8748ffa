import type { ConnectionDefinition, Origin } from '../definitions/connection.ts';
import { diffDefinitions, digestDefinition, type Change } from '../definitions/difference.ts';
import { crossCheck } from '../definitions/cross-check.ts';
import { inWrittenOrder } from '../definitions/in-written-order.ts';
import { storedSecretsIn } from '../definitions/reference-syntax.ts';
import {
  definitionKinds,
  noDefinitions,
  sectionOf,
  type DefinitionKind,
  type Definitions,
} from '../definitions/schema.ts';
import { currentDefinitions, writeDefinitions, type DefinitionWrite } from '../ledger/definitions.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ClientConnection } from './connection.ts';
import { planSchedules, type ScheduleChange } from './schedules/plan-schedules.ts';
import { planWatch, type WatchChange } from './schedules/watch-alerts.ts';

/** What `apply` would do, or has done. */
export interface ApplyPlan {
  changes: (Change | ScheduleChange | WatchChange)[];
  /** Carries it out. */
  apply(): Promise<void>;
}

/** The definitions of the installation as they stand. */
export async function installedDefinitions(connection: ClientConnection): Promise<Definitions> {
  const { connections, ...others } = await storedDefinitions(connection);
  const shown = Object.entries(connections).map(([name, one]) => [name, withoutOrigin(one)]);
  return { ...others, connections: Object.fromEntries(shown) as Definitions['connections'] };
}

/** The same, with where each connection came from. */
async function storedDefinitions({ ledger }: ClientConnection): Promise<Definitions> {
  const definitions = noDefinitions();
  for (const { kind, name, document } of await currentDefinitions(ledger.db)) {
    // Only validated documents are stored, so the document of a kind has that kind's type.
    (definitions[sectionOf[kind]] as Record<string, unknown>)[name] = inWrittenOrder(kind, document);
  }
  return definitions;
}

/**
 * Compares given definitions with the installation's. Adds and changes; with `prune` removes what is not given,
 * unless it is a connection that was stored with its secrets and is needed by what is given.
 *
 * @param options.origin `api`: connections that change lead only where those from the HTTP API may; without it what is given may lead
 * anywhere, also what came by the API before
 * @throws definitions_invalid when what would stand afterwards hangs on something that is not there
 */
export async function planApply(
  connection: ClientConnection,
  wanted: Definitions,
  options: { prune?: boolean; origin?: Origin['origin'] } = {},
): Promise<ApplyPlan> {
  const installed = await storedDefinitions(connection);
  const given = { ...wanted, connections: withOrigins(wanted, installed, options.origin) };
  const after: Definitions = options.prune
    ? { ...given, connections: { ...storedAndNeeded(installed, given), ...given.connections } }
    : {
        connections: { ...installed.connections, ...given.connections },
        models: { ...installed.models, ...given.models },
        syncs: { ...installed.syncs, ...given.syncs },
        alerts: { ...installed.alerts, ...given.alerts },
      };
  requireWhole(after);
  const changes = diffDefinitions(installed, after).map(hideOrigin);
  const schedules = await planSchedules(connection, after.syncs);
  const watch = await planWatch(connection, after.alerts);
  return {
    changes: [...changes, ...schedules.changes, ...watch.changes],
    async apply() {
      const writes = changes.flatMap(({ change, kind, name }): DefinitionWrite[] => {
        if (change === 'unchanged') return [];
        const document = after[sectionOf[kind]][name] ?? null;
        return [{ kind, name, document, digest: digestDefinition(document ?? {}) }];
      });
      await writeDefinitions(connection.ledger.db, writes);
      await schedules.apply();
      await watch.apply();
    },
  };
}

const withoutOrigin = ({ origin: _, ...connection }: ConnectionDefinition): ConnectionDefinition =>
  connection;

/** What comes by the API unchanged stays whose it was: else sending a file again would take a right from the operator's own. */
const withOrigins = (
  { connections }: Definitions,
  installed: Definitions,
  origin: Origin['origin'],
): Definitions['connections'] =>
  Object.fromEntries(
    Object.entries(connections).map(([name, connection]): [string, ConnectionDefinition] => {
      const plain = withoutOrigin(connection);
      if (origin === undefined) return [name, plain];
      const before = installed.connections[name];
      const isUnchanged =
        before !== undefined && digestDefinition(withoutOrigin(before)) === digestDefinition(plain);
      return [name, isUnchanged ? before : { ...plain, origin }];
    }),
  );

/** It is no field that anybody writes; where it alone changes, it is the change. */
const hideOrigin = (change: Change): Change =>
  change.change === 'changed'
    ? change
    : { ...change, fields: change.fields.filter((field) => field !== 'origin') };

/** What the files leave to `backhaul connect` is no part of them, so that it is in none says nothing. */
function storedAndNeeded(
  { connections }: Definitions,
  { alerts, models, syncs }: Definitions,
): Definitions['connections'] {
  const needed = new Set([
    ...Object.values(models).map(({ connection }) => connection),
    ...Object.values(syncs).map(({ destination }) => destination),
    ...Object.values(syncs).flatMap(({ writeback }) => writeback?.postgres?.connection ?? []),
    ...Object.values(alerts).flatMap(({ to }) => to),
  ]);
  return Object.fromEntries(
    Object.entries(connections).filter(
      ([name, connection]) => needed.has(name) && storedSecretsIn(connection).length > 0,
    ),
  );
}

function requireWhole(definitions: Definitions): void {
  const named = (kind: DefinitionKind) => Object.entries(definitions[sectionOf[kind]]);
  const by = {
    connection: new Map<string, unknown>(named('connection')),
    model: new Map<string, unknown>(named('model')),
    sync: new Map<string, unknown>(named('sync')),
    alert: new Map<string, unknown>(named('alert')),
  };
  const findings = definitionKinds.flatMap((kind) =>
    named(kind).flatMap(([name, value]) => crossCheck({ kind, name, value }, { by, complete: true })),
  );
  if (findings.length === 0) return;
  throw new BackhaulError('definitions_invalid', findings.map(({ message }) => message).join('; '), {
    action: findings.map(({ fix }) => fix).join(' '),
  });
}
