import type { ConnectionDefinition, Origin } from '../definitions/connection.ts';
import { crossCheck } from '../definitions/cross-check.ts';
import { digestDefinition } from '../definitions/difference.ts';
import { storedSecretsIn } from '../definitions/reference-syntax.ts';
import { definitionKinds, sectionOf, type DefinitionKind, type Definitions } from '../definitions/schema.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** How given definitions become the installation's. */
export interface ApplyOptions {
  /** Removes what is not given, unless it is a connection that was stored with its secrets and is needed by what is given. */
  prune?: boolean;
  /** `api`: connections that change lead only where those from the HTTP API may; without it what is given may lead anywhere, also what
   * came by the API before. */
  origin?: Origin['origin'] | undefined;
}

/**
 * What stands when `wanted` has been applied to what is installed.
 *
 * @throws definitions_invalid when it hangs on something that is not there
 */
export function definitionsAfter(
  installed: Definitions,
  wanted: Definitions,
  { origin, prune = false }: ApplyOptions,
): Definitions {
  const given = { ...wanted, connections: withOrigins(wanted, installed, origin) };
  const after: Definitions = prune
    ? { ...given, connections: { ...storedAndNeeded(installed, given), ...given.connections } }
    : {
        connections: { ...installed.connections, ...given.connections },
        models: { ...installed.models, ...given.models },
        syncs: { ...installed.syncs, ...given.syncs },
        alerts: { ...installed.alerts, ...given.alerts },
      };
  requireWhole(after);
  return after;
}

export const withoutOrigin = ({ origin: _, ...connection }: ConnectionDefinition): ConnectionDefinition =>
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

/** @throws definitions_invalid when something hangs on what is not there, or is of another kind */
export function requireWhole(definitions: Definitions): void {
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
