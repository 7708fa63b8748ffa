import type { AlertDefinition } from './alert.ts';
import type { ConnectionDefinition } from './connection.ts';
import type { ModelDefinition } from './model.ts';
import type { SyncDefinition } from './sync.ts';

/** All that an installation is told to do, by name. */
export interface Definitions {
  connections: Record<string, ConnectionDefinition>;
  models: Record<string, ModelDefinition>;
  syncs: Record<string, SyncDefinition>;
  alerts: Record<string, AlertDefinition>;
}

export type DefinitionKind = 'connection' | 'model' | 'sync' | 'alert';

/** The section of a definition file that holds a kind. */
export const sectionOf = {
  connection: 'connections',
  model: 'models',
  sync: 'syncs',
  alert: 'alerts',
} as const;

export type Section = (typeof sectionOf)[DefinitionKind];

/** In the order in which they depend on each other. */
export const definitionKinds: readonly DefinitionKind[] = ['connection', 'model', 'sync', 'alert'];

/** The version of the documents that this program reads. */
export const DOCUMENT_VERSION = 1;

export const noDefinitions = (): Definitions => ({
  connections: {},
  models: {},
  syncs: {},
  alerts: {},
});
