import type { WarehouseType } from '../../definitions/connection.ts';
import type { ResolvedModel } from '../../sources/source.ts';
import type { ColumnKind } from '../../vocabulary/columns.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import type { StandardColumn, StandardRow } from './standard-rows.ts';

/** A warehouse that the conformance suite runs against. A new source passes by adding one file that makes one. */
export interface Subject {
  type: WarehouseType;
  /** Installs what is missing, starts the server and loads the standard rows. Throws MissingTool when it cannot. */
  start(): Promise<Service>;
}

/** Fields of a connection as a user writes them; they replace those of the service's own connection. */
export type ConnectionChange = Readonly<Record<string, unknown>>;

export interface Service {
  /** As a user writes it, `type` included; secrets literal. */
  connection: ConnectionChange;
  /** What the operator allows so that the connection may reach a stand-in. */
  allowedEndpoints: readonly string[];
  /** The kind that each standard column has here. */
  kinds: Readonly<Record<StandardColumn, ColumnKind>>;
  /** The canonical text of a value, where this source has a reason to differ from `canonicalText`. */
  textOf?(column: StandardColumn, row: StandardRow): string | null;
  models: {
    /** The ROWS standard rows, columns in the order of STANDARD_COLUMNS, rows in any order. */
    rows: ResolvedModel;
    /** The row of id 1. */
    one: ResolvedModel;
    /** The same columns and no row. */
    empty: ResolvedModel;
    /** Two columns of one name; null where that cannot be written. */
    twice: ResolvedModel | null;
  };
  /** A model of so many times ROWS, for `npm run bench:sources`; not needed where `models.rows` is SQL. */
  repeated?(times: number): Promise<ResolvedModel>;
  /** Other ways to read the same rows, by name: each must give the same spool. */
  paths: Readonly<Record<string, ConnectionChange>>;
  /** Sets defaults of the user or the server that would change texts if they were not pinned; null where there are none. */
  hostile: ConnectionChange | null;
  /** What is wrong, and the code that it must end with. */
  faults: readonly Fault[];
  /** Models that would change something: each must be refused with `not_a_select` before it runs. */
  writes: readonly ResolvedModel[];
  /** Connections whose credentials could write: `validate` must warn. Null where the service cannot tell. */
  writer: ConnectionChange | null;
  /** A query that runs for a minute if nobody cancels it; null where a stand-in cannot have one. */
  slow: ResolvedModel | null;
  /** Queries, cursors and kept results of Backhaul that the server has now. */
  running(): Promise<number>;
  /** Whether a place stays good when its reader is gone: then `read` begins with one, and goes on from any. */
  resumable: boolean;
  /** Makes the service forget every result that it keeps; null where it keeps none. */
  expireResults: (() => Promise<void>) | null;
  /** Breaks the connections of readers, once, in the middle of what they transfer; null where it cannot be provoked. */
  breakConnections: (() => Promise<void>) | null;
  /** A model with one column `value` that holds what the expression of docs/sources/values.md says. */
  valueOf(expression: string): Promise<ResolvedModel>;
  close(): Promise<void>;
}

export interface Fault {
  /** `a column that is not there` */
  name: string;
  connection?: ConnectionChange;
  /** Without one, `validate` alone must find the fault. */
  model?: ResolvedModel;
  code: ErrorCode;
  /** What the message must name: a position, a grant, an identifier. */
  says?: RegExp;
  /** Brings the server into the state that is wrong, and returns what ends it. */
  provoke?(): Promise<() => Promise<void>>;
}
