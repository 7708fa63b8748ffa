import type { Blobs } from '../blobs/blobs.ts';
import type { Ledger } from '../ledger/connect.ts';
import type { DuckDb } from '../snapshot/duckdb.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Destinations } from './destinations.ts';
import type { Leaving } from './leaving.ts';

/** What the activities work with. A worker makes it once and hands it to `createActivities`. */
export interface Dependencies {
  ledger: Ledger;
  blobs: Blobs;
  duckdb: DuckDb;
  destinations: Destinations;
  metrics: Metrics;
  /** Where `${…}` references of connections are looked up. */
  env: NodeJS.ProcessEnv;
  installation: string;
  /** Open the secrets that are stored: the first encrypts, all decrypt. */
  encryptionKeys: readonly Buffer[];
  /** Origins beyond the vendors' own that connections may name. */
  allowedEndpoints: readonly string[];
  /** Hosts and networks inside that connections from the HTTP API may lead to. */
  allowedNetworks: readonly string[];
  /** Whether those may use the cloud identity of this worker. */
  apiWorkerIdentity: boolean;
  /** For links in a run; `uiUrl` is null when no Temporal UI is known. */
  links: { uiUrl: string | null; namespace: string };
  /** Whether the namespace has Backhaul's search attributes. */
  searchAttributes: boolean;
  /** Whether runs that are opened now leave their steps to workers with roles. @default never */
  servesRoles?: () => boolean;
  /** When the worker stops. @default it goes on for ever */
  leaving?: Leaving;
  /** Named in `context` of every message. */
  product: { name: string; version: string };
}
