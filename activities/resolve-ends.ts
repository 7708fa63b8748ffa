import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ModelDefinition } from '../definitions/model.ts';
import {
  resolveConnection,
  type KeyedSegmentConnection,
  type ResolvedConnection,
} from '../definitions/references.ts';
import type { ResolvedModel } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';

type Resolving = [name: string, definition: ConnectionDefinition, env: NodeJS.ProcessEnv];

/** The connection that a sync sends to, with its secrets and the write key that its token may read: for this process only. */
export async function resolveSegment(
  { destinations, env }: Pick<Dependencies, 'destinations' | 'env'>,
  name: string,
  definition: ConnectionDefinition,
): Promise<KeyedSegmentConnection> {
  const connection = resolveConnection(name, definition, env);
  if (connection.type === 'segment') return destinations.keyed(name, connection);
  throw new BackhaulError('definitions_invalid', `connection ${name} is no Segment connection`);
}

/** The connection that a model reads from, with its secrets: for this process only. */
export function resolveWarehouse(
  ...[name, definition, env]: Resolving
): Exclude<ResolvedConnection, { type: 'segment' }> {
  const connection = resolveConnection(name, definition, env);
  if (connection.type !== 'segment') return connection;
  throw new BackhaulError('definitions_invalid', `connection ${name} is no warehouse`);
}

/** A model as a source takes it. */
export function resolveModel(name: string, { connection: _, ...content }: ModelDefinition): ResolvedModel {
  return { name, ...content };
}
