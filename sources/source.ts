import type { ModelContent } from '../definitions/model.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { Piece, Place } from '../vocabulary/spool.ts';

/** A model as a source takes it. */
export type ResolvedModel = {
  name: string;
  /** SQL over the columns of a model of SQL or a table: only rows for which it holds are read. Absent: all are. */
  where?: string;
} & ModelContent;

/** What a source is opened for. */
export interface SourceContext {
  /**
   * Aborted when nobody wants an answer any more. What then runs at the service is cancelled there, and the call under
   * way throws `run_cancelled`.
   */
  signal: AbortSignal;
  /** Origins beyond the vendor's own that a connection may name (BACKHAUL_ALLOWED_ENDPOINTS). */
  allowedEndpoints: readonly string[];
  /** Told whenever a source that reads ahead of what it gives has come further. */
  onProgress?: () => void;
  /** Local disk, for a source that has to put aside what it reads. @default the system's folder for temporary files */
  scratch?: string;
}

export interface ReadOptions {
  /** A value that is longer may be cut, as long as it stays longer. */
  maxValueBytes: number;
  /** Names the read: the same for each attempt of a run. Letters, digits and hyphens, at most 64. */
  id: string;
  /** Where an earlier attempt came to; null: from the beginning. A place of other columns never comes here. */
  from: Place | null;
}

export interface Reading {
  /** Those that were asked for, in that order. */
  columns: Column[];
  /**
   * One consistent result. The first piece is a place where the service keeps results, so that a worker that takes over
   * finds the query. Ending the iteration early leaves the query and its result for a later read, where the
   * service keeps results, and ends it elsewhere.
   */
  pieces: AsyncIterable<Piece>;
}

/** A warehouse that models are read from. Nothing that a model says can change it. */
export interface Source {
  /** Reachable, permitted, and the model can be read; warns when the credentials could write. */
  validate(model: ResolvedModel | null): Promise<{ warnings: string[] }>;
  describe(model: ResolvedModel): Promise<Column[]>;
  /** Canonical texts (vocabulary/columns.ts). */
  preview(model: ResolvedModel, limit: number): Promise<{ columns: Column[]; rows: (string | null)[][] }>;
  /**
   * Throws `source_result_expired`, here or in mid-read, when the service no longer keeps what `from` names, and
   * `column_missing` when the model does not return a column that is asked for.
   */
  read(model: ResolvedModel, columns: readonly string[], options: ReadOptions): Promise<Reading>;
  /**
   * Ends what the service keeps for a place: a query under way is cancelled, a result is given back. Never throws for one
   * that is gone. Absent where a service keeps nothing.
   */
  release?(place: Place): Promise<void>;
  close(): Promise<void>;
}
