declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type SyncName = Branded<'SyncName'>;
export type ModelName = Branded<'ModelName'>;
export type ConnectionName = Branded<'ConnectionName'>;
/** The run id of the first execution of a run's chain: stable over continue-as-new. */
export type RunId = Branded<'RunId'>;
/** Name of a blob: `/`-separated, relative to the root of the storage. */
export type BlobName = Branded<'BlobName'>;

export const syncName = (name: string): SyncName => name as SyncName;
export const modelName = (name: string): ModelName => name as ModelName;
export const connectionName = (name: string): ConnectionName => name as ConnectionName;
export const runId = (id: string): RunId => id as RunId;
export const blobName = (...parts: readonly (string | number)[]): BlobName => parts.join('/') as BlobName;
