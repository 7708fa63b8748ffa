import type { BlobName } from '../vocabulary/ids.ts';
import type { Decision } from '../vocabulary/run.ts';
import type { Place } from '../vocabulary/spool.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ModelDefinition } from '../definitions/model.ts';
import type { SyncDefinition } from '../definitions/sync.ts';

/** What a run works by: the definitions as they stood when it was opened. References are not resolved in it. */
export interface PinnedDefinition {
  sync: SyncDefinition;
  model: ModelDefinition;
  source: ConnectionDefinition;
  destination: ConnectionDefinition;
  versions: { sync: number; model: number; source: number; destination: number };
}

/** Parquet files of one attempt: `<prefix>/part-<n>.parquet`, n from 0. */
export interface SnapshotParts {
  prefix: BlobName;
  parts: number;
}

/** What is at rest of a read that is not done, and where it goes on. */
export interface ReadingReference {
  /** For the source alone. */
  place: Place;
  mappingDigest: string;
  /** Those that are being read, in order. */
  columns: Column[];
  takenAt: string;
  /** All lines before the place are in these. */
  segments: SnapshotParts[];
  rows: number;
  bytes: number;
  /** How many attempts in a row went on from here and came no further. */
  stalled?: number;
}

export interface SnapshotReference {
  /** Of each attempt that read a part of it. */
  segments: SnapshotParts[];
  rows: number;
  /** The columns that were read, in order: the key first. */
  columns: Column[];
  /** When the source's transaction saw the rows: the timestamp of every message. */
  takenAt: string;
  mappingDigest: string;
  /** The names of all columns of the model; absent in what older versions recorded. */
  known?: string[];
  /** How many fingerprints by earlier mappings each row has: what is the same by one of them is not sent. @default 0 */
  earlier?: number;
  /** Why a person has to approve what follows from it, by its mode; absent: nobody has to. */
  approval?: string;
}

export interface PlanReference {
  prefix: BlobName;
  pages: number;
  /** Rows of the plan that are on pages. */
  planned: number;
  /** The state that the snapshot was compared with; null: none yet. */
  state: BlobName | null;
  generation: number;
  /** Keys that came back into the model unchanged, or left it: they move the state though nothing is sent. */
  returned: number;
  /** Rows that are the same by an earlier mapping: the state takes their new fingerprints. @default 0 */
  carried?: number;
  invalid: BlobName | null;
  /** The keys that the run was restricted to; absent or null: it took all. */
  selected?: BlobName | null;
}

/** A plan that a person has to approve before anything of it is sent. Times are ISO 8601. */
export interface ApprovalRecord {
  /** Why. */
  reasons: string[];
  /** What was shown; null as long as not everything is mapped. */
  recap: BlobName | null;
  /** When it was shown: since then the run waits. */
  since: string | null;
  decision: Decision | null;
  decidedAt: string | null;
  remindedAt: string | null;
}
