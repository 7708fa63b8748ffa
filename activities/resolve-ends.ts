import {
  isChannelType,
  isWarehouseType,
  type ConnectionDefinition,
  type ResolvedChannelConnection,
  type ResolvedWarehouseConnection,
} from '../definitions/connection.ts';
import type { ModelDefinition } from '../definitions/model.ts';
import { requireNoFiles } from '../definitions/named-files.ts';
import { operatorHosts } from '../definitions/operator-hosts.ts';
import { requireReach } from '../definitions/reach.ts';
import { storedSecretsIn } from '../definitions/reference-syntax.ts';
import {
  resolveConnection,
  type KeyedSegmentConnection,
  type ResolvedConnection,
} from '../definitions/references.ts';
import { requireOwnCredentials } from '../definitions/worker-identity.ts';
import { readSecrets } from '../ledger/secrets.ts';
import type { ResolvedModel } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';

type Resolving = Pick<
  Dependencies,
  'allowedNetworks' | 'apiWorkerIdentity' | 'encryptionKeys' | 'env' | 'ledger'
>;

/**
 * A connection with its secrets: for this process only. Those that are stored are the current ones, also for a run that keeps the
 * definition that it began with. One that came by the HTTP API may lead to public addresses, and to those inside that the operator
 * allows or names by a variable, to no file of the worker, and has credentials of its own.
 *
 * @throws address_not_allowed, reference_not_allowed, worker_identity_not_allowed
 * @param owner whose stored secrets they are, when it is not the connection of that name
 */
export async function resolve(
  { allowedNetworks, apiWorkerIdentity, encryptionKeys, env, ledger }: Resolving,
  name: string,
  definition: ConnectionDefinition,
  owner = name,
): Promise<ResolvedConnection> {
  const isStored = storedSecretsIn(definition).length > 0;
  const secrets = isStored ? await readSecrets(ledger.db, encryptionKeys, owner) : {};
  const resolved = resolveConnection(name, definition, env, secrets);
  if (definition.origin !== 'api') return resolved;
  requireNoFiles(name, definition, resolved);
  requireOwnCredentials(name, resolved, apiWorkerIdentity);
  const mayReach = [...allowedNetworks, ...operatorHosts(definition, resolved)];
  await requireReach(name, resolved, mayReach);
  return { ...resolved, mayReach };
}

/** The connection that a sync sends to, with the write key that it has or that its token may read. */
export async function resolveSegment(
  dependencies: Resolving & Pick<Dependencies, 'destinations'>,
  name: string,
  definition: ConnectionDefinition,
): Promise<KeyedSegmentConnection> {
  const connection = await resolve(dependencies, name, definition);
  if (connection.type === 'segment') return dependencies.destinations.keyed(name, connection);
  throw new BackhaulError('definitions_invalid', `connection ${name} is no Segment connection`);
}

/** The connection that a model reads from. */
export async function resolveWarehouse(
  dependencies: Resolving,
  name: string,
  definition: ConnectionDefinition,
): Promise<ResolvedWarehouseConnection> {
  const connection = await resolve(dependencies, name, definition);
  return asWarehouse(name, connection);
}

/** @throws definitions_invalid */
export function asWarehouse(name: string, connection: ResolvedConnection): ResolvedWarehouseConnection {
  if (isWarehouse(connection)) return connection;
  throw new BackhaulError('definitions_invalid', `connection ${name} is no warehouse`);
}

const isWarehouse = (connection: ResolvedConnection): connection is ResolvedWarehouseConnection =>
  isWarehouseType(connection.type);

/** What alerts are told to. */
export async function resolveChannel(
  dependencies: Resolving,
  name: string,
  definition: ConnectionDefinition,
): Promise<ResolvedChannelConnection> {
  const connection = await resolve(dependencies, name, definition);
  if (isChannel(connection)) return connection;
  throw new BackhaulError('definitions_invalid', `connection ${name} is no webhook and no slack`);
}

export const isChannel = (connection: ResolvedConnection): connection is ResolvedChannelConnection =>
  isChannelType(connection.type);

/** A model as a source takes it. */
export function resolveModel(name: string, { connection: _, ...content }: ModelDefinition): ResolvedModel {
  return { name, ...content };
}
