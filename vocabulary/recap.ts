import type { ErrorView } from './backhaul-error.ts';
import type { InvalidReason } from './invalid.ts';
import type { RowCounts, RunMode } from './run.ts';

/** What a run would send, before anything is sent. Holds values of rows: it travels by a blob, never through Temporal. */
export interface Recap {
  sync: string;
  mode: RunMode;
  modeReason: string;
  /** With the rows that only the mapping found invalid where they belong. */
  rows: RowCounts;
  invalid: InvalidRecap[];
  traits: TraitRecap[];
  changes: MappingChanges;
  /** Some messages as Segment would get them. */
  samples: { change: PlannedChange; message: unknown }[];
  cost: RecapCost;
  /** Why a person has to approve the plan before it is sent; none: it is sent at once. */
  approval: { reasons: string[] };
  /** What the run would fail with; null: nothing that can be seen beforehand. */
  error: ErrorView | null;
  warnings: string[];
}

export type PlannedChange = 'added' | 'changed' | 'unchanged';

export interface InvalidRecap {
  reason: InvalidReason;
  rows: number;
  /** Some of them; the key is null where it is what is missing. */
  samples: { key: string | null; column: string | null }[];
}

export interface TraitRecap {
  trait: string;
  /** Columns that it is made of. */
  columns: string[];
  source: 'column' | 'hash' | 'template' | 'constant' | 'run';
  /** The kind of the column, and what it becomes: `integer`, `text as datetime`. */
  type: string;
  /** What the warehouse calls it. */
  sourceType: string | null;
  /** Of all rows that were read, from 0 to 1; null where it is not counted: of a template. */
  nullShare: number | null;
  /** At most two values as they are sent; long ones are cut. */
  samples: unknown[];
  warnings: string[];
}

/** Against the mapping that was last delivered whole; all empty when there is none yet. */
export interface MappingChanges {
  newColumns: string[];
  goneColumns: string[];
  newTraits: string[];
  goneTraits: string[];
  /** Traits that come from another column, or are made in another way. */
  movedTraits: string[];
}

export interface RecapCost {
  messages: number;
  requests: number;
  /** Of the messages, as JSON. */
  bytes: number;
  eventsPerSecond: number;
  /** At that rate, when nothing else uses it. */
  seconds: number;
  /** Segment counts each event as an API call, batched or not. */
  billableCalls: number;
}
