import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  AlertCondition,
  AlertState,
  NotificationEvent,
  NotificationStatus,
} from '../vocabulary/alert.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import type { ChannelMessage } from '../vocabulary/channel-message.ts';
import type { Role } from '../vocabulary/role.ts';
import type { RunMode, RunStatus } from '../vocabulary/run.ts';
import type { Writeback, WritebackTarget } from '../vocabulary/writeback.ts';
import type {
  ApprovalRecord,
  PinnedDefinition,
  PlanReference,
  ReadingReference,
  SnapshotReference,
} from './run-record.ts';
import type { RunArguments } from './run-arguments.ts';
import type { StateIdentity, StateMapping, TraitSummary } from './state-record.ts';

type Json<T extends object> = JSONColumnType<T, string, string>;
type NullableJson<T extends object> = ColumnType<T | null, string | null, string | null>;
type Time = ColumnType<Date, Date | string, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null, Date | string | null>;

export type DefinitionKind = 'connection' | 'model' | 'sync' | 'alert';

export interface DefinitionsTable {
  kind: DefinitionKind;
  name: string;
  /** Rises by one with each change; a run keeps the versions it started with. */
  version: number;
  /** Null: removed with this version. */
  document: NullableJson<Record<string, unknown>>;
  digest: string;
  created_at: Generated<Date>;
}

export interface RunsTable {
  id: string;
  sync: string;
  /** Rises per sync; null for a run that was skipped. */
  number: number | null;
  status: RunStatus;
  /** Whether the run may still book POSTs. Superseding and finishing close it. */
  open: boolean;
  /** Whether what it posted is folded into the state. */
  settled: boolean;
  workflow_id: string;
  arguments: Json<RunArguments>;
  idempotency_key: string | null;
  definition: NullableJson<PinnedDefinition>;
  mode: RunMode | null;
  mode_reason: string | null;
  with_errors: Generated<boolean>;
  rows: NullableJson<Record<string, number>>;
  messages: NullableJson<Record<string, number>>;
  requests: Generated<number>;
  /** How far the read has come, until there is a snapshot. */
  reading: NullableJson<ReadingReference>;
  /** The attempt that reads. */
  reading_by: string | null;
  snapshot: NullableJson<SnapshotReference>;
  plan: NullableJson<PlanReference>;
  /** Null: nobody has to approve the plan. */
  approval: NullableJson<ApprovalRecord>;
  /** Last time that rows were read from the source. */
  read_progress_at: NullableTime;
  started_at: Time;
  finished_at: NullableTime;
  error: NullableJson<ErrorView>;
  warnings: ColumnType<string[], string | undefined, string>;
}

/** What a run has of itself before any of its steps is done. */
export const NOTHING_YET = {
  mode: null,
  mode_reason: null,
  rows: null,
  messages: null,
  reading: null,
  reading_by: null,
  snapshot: null,
  plan: null,
  approval: null,
  read_progress_at: null,
} as const;

export interface PagesTable {
  run_id: string;
  page: number;
  /** The batches at rest, one blob a page. */
  batches: string;
  /** Key, fingerprint and sequence of each message of the page. */
  index: string;
  messages: number;
  batch_count: number;
  /** Rows that the mapping found invalid, by what the plan took them for. */
  invalid_added: number;
  invalid_changed: number;
  invalid_unchanged: number;
  invalid_removed: Generated<number>;
  /** Attempt that may send; an older one is refused. */
  fence: Generated<number>;
  recorded_at: NullableTime;
  accepted: Generated<number>;
  rejected: Generated<number>;
  requests: Generated<number>;
}

/** Null while the answer is not known. */
export type PostOutcome =
  'accepted' | 'refused' | 'throttled' | 'unavailable' | 'unknown' | 'failed' | 'not_sent';

export interface PostsTable {
  id: Generated<number>;
  run_id: string;
  page: number;
  /** Messages [first, beyond) of the page. */
  first: number;
  beyond: number;
  attempt: number;
  slot_at: Time;
  /** After this no byte of the POST can be on its way. */
  deadline: Time;
  outcome: PostOutcome | null;
  http_status: number | null;
  finished_at: NullableTime;
}

export type FaultKind = 'invalid' | 'rejected';

export interface FaultCountsTable {
  run_id: string;
  kind: FaultKind;
  /** `-1`: found by the plan. */
  page: number;
  reason: string;
  count: number;
}

export interface FaultSamplesTable {
  run_id: string;
  kind: FaultKind;
  page: number;
  position: number;
  reason: string;
  key: string | null;
  column_name: string | null;
}

export interface RateLimitsTable {
  rate_limit_group: string;
  cursor: Time;
  held_until: NullableTime;
}

export interface StatesTable {
  sync: string;
  /** Told apart from the state of any other sync, installation or ledger, also one that was wiped. */
  id: Generated<string>;
  generation: number;
  identity: Json<StateIdentity>;
  /** Null: nothing was accepted yet. */
  blob: string | null;
  encoding: number;
  entries: number;
  live_entries: number;
  mapping_digest: string | null;
  traits: NullableJson<TraitSummary[]>;
  /** Oldest first. */
  mappings: ColumnType<StateMapping[], string | undefined, string>;
  run_id: string | null;
  run_number: number | null;
  updated_at: Time;
}

export interface StateHistoryTable {
  sync: string;
  generation: number;
  run_number: number;
  blob: string;
  created_at: Generated<Date>;
}

export interface AdoptionConditionsTable {
  id: Generated<string>;
  sync: string;
  /** SQL over the columns of the model. */
  condition: string;
  created_at: Generated<Date>;
}

export interface SecretsTable {
  /** A connection, or `draft/<id>`. */
  owner: string;
  field: string;
  /** The key that it is encrypted with. */
  key_id: string;
  sealed: Buffer;
  updated_at: Generated<Date>;
}

export interface ConnectionDraftsTable {
  id: Generated<string>;
  document: Json<Record<string, unknown>>;
  created_at: Generated<Date>;
}

export interface SelectionsTable {
  id: Generated<string>;
  sync: string;
  /** As they are sent; null: those of an earlier run. */
  keys: NullableJson<string[]>;
  of_run: string | null;
  outcome: FaultKind | null;
  resend: boolean;
  created_at: Generated<Date>;
}

export interface NamedSelectionsTable {
  sync: string;
  request_key: string;
  /** Of what is selected. */
  digest: string;
  selection: Generated<string>;
  created_at: Generated<Date>;
}

export interface DeliveriesTable {
  run_id: string;
  received: number;
  /** By reason. */
  failed: Json<Record<string, number>>;
  asked_at: Time;
}

export interface SchedulesTable {
  sync: string;
  /** Digest of what Temporal was given; empty: it may have been given something; null: Temporal has no schedule of this sync. */
  wanted: string | null;
  /** Digest of how Temporal told of it just afterwards: another one now means that somebody else has changed it. */
  found: string | null;
  paused_by_definition: Generated<boolean>;
  /** A person has paused it. */
  held: Generated<boolean>;
  /** When a person last let it go on; null: none had paused it. */
  resumed_at: NullableTime;
  updated_at: ColumnType<Date, string | undefined, string>;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  role: Role;
  /** SHA-256 of its random part, in hex. */
  digest: string;
  created_at: Generated<Date>;
  expires_at: NullableTime;
  last_used_at: NullableTime;
  revoked_at: NullableTime;
}

export interface AuditTable {
  id: Generated<string>;
  at: Generated<Date>;
  key_id: string;
  key_name: string;
  action: string;
  target: string | null;
  status: number;
}

/** Requests that their senders have named by an Idempotency-Key. */
export interface ApiAnswersTable {
  key_id: string;
  request_key: string;
  /** Digest of the request. */
  request: string;
  began_at: ColumnType<Date, string | undefined, Date | string>;
  /** Null: it is being carried out. */
  status: number | null;
  answer: string | null;
}

export interface WritebacksTable {
  run_id: string;
  target: WritebackTarget;
  status: Writeback['status'];
  version: number;
  rows: Generated<number>;
  files: Generated<number>;
  error: NullableJson<ErrorView>;
  started_at: Time;
  finished_at: NullableTime;
}

/** What alerts stand for now: a row is raised. */
export interface AlertStatesTable {
  alert: string;
  sync: string;
  condition: AlertState;
  message: string;
  /** Null: no run showed it. */
  run_id: string | null;
  since: Time;
}

/** Runs that alerts have been told of. */
export interface JudgedRunsTable {
  run_id: string;
  judged_at: Generated<Date>;
}

/** What is to be told to channels, and what became of it. */
export interface NotificationsTable {
  id: string;
  alert: string;
  sync: string;
  condition: AlertCondition;
  event: NotificationEvent;
  message: string;
  run_id: string | null;
  channel: string;
  document: Json<ChannelMessage>;
  status: NotificationStatus;
  attempts: Generated<number>;
  error: NullableJson<ErrorView>;
  created_at: Time;
  /** Since when it waits to be sent: when it was made, or asked for again. */
  queued_at: ColumnType<Date, string | undefined, string>;
  /** When a request was last made since then. */
  tried_at: NullableTime;
  finished_at: NullableTime;
}

/** By which whole number clients of Census's API know a sync, a model or a connection. */
export interface CensusNamesTable {
  kind: DefinitionKind;
  name: string;
  id: number;
}

/** By which they know a run. */
export interface CensusRunsTable {
  id: Generated<number>;
  run_id: string;
  sync: string;
  /** All rows were asked for. */
  full_sync: boolean;
  /** The name of the API key that triggered it; null: something else started it. */
  triggered_by: string | null;
  created_at: ColumnType<Date, Date | string | undefined, never>;
}

export interface LedgerTables {
  alert_states: AlertStatesTable;
  judged_runs: JudgedRunsTable;
  notifications: NotificationsTable;
  census_names: CensusNamesTable;
  census_runs: CensusRunsTable;
  api_keys: ApiKeysTable;
  audit: AuditTable;
  api_answers: ApiAnswersTable;
  adoption_conditions: AdoptionConditionsTable;
  schedules: SchedulesTable;
  deliveries: DeliveriesTable;
  selections: SelectionsTable;
  named_selections: NamedSelectionsTable;
  secrets: SecretsTable;
  connection_drafts: ConnectionDraftsTable;
  definitions: DefinitionsTable;
  runs: RunsTable;
  pages: PagesTable;
  posts: PostsTable;
  fault_counts: FaultCountsTable;
  fault_samples: FaultSamplesTable;
  rate_limits: RateLimitsTable;
  states: StatesTable;
  state_history: StateHistoryTable;
  writebacks: WritebacksTable;
}
