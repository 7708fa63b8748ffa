import type { Readable } from 'node:stream';
import type { Column } from '../vocabulary/columns.ts';

/** A model as a source takes it. */
export type ResolvedModel = { name: string; sql: string } | { name: string; table: string };

/** A warehouse that models are read from. Nothing that a model says can change it. */
export interface Source {
  /** Reachable, permitted, and the model can be read; warns when the credentials could write. */
  validate(model: ResolvedModel | null): Promise<{ warnings: string[] }>;
  describe(model: ResolvedModel): Promise<Column[]>;
  /** Canonical texts (vocabulary/columns.ts). */
  preview(model: ResolvedModel, limit: number): Promise<{ columns: Column[]; rows: (string | null)[][] }>;
  /** The named columns, in that order, as a spool (vocabulary/spool.ts) of one consistent result. */
  read(
    model: ResolvedModel,
    columns: readonly string[],
    options: { signal: AbortSignal; maxValueBytes: number },
  ): Promise<{ columns: Column[]; spool: Readable }>;
  close(): Promise<void>;
}
