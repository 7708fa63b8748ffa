/**
 * What is written back of runs: the tables that people read, whichever way they lie (Parquet, PostgreSQL). A change that a reader would
 * notice raises the version, and with it the folder; a column that is added at the end does not.
 *
 * @module
 */
import type { ErrorView } from './backhaul-error.ts';
import { blobName, type BlobName } from './ids.ts';

export const WRITEBACK_VERSION = 1;

export type WritebackType = 'text' | 'integer' | 'bigint' | 'boolean' | 'timestamp' | 'date' | 'json';

export interface WritebackColumn {
  name: string;
  type: WritebackType;
  /** Whether it may be null. */
  nullable: boolean;
  means: string;
}

export const writebackTables = ['runs', 'rows'] as const;
export type WritebackTable = (typeof writebackTables)[number];

const given = (name: string, type: WritebackType, means: string): WritebackColumn => ({
  name,
  type,
  nullable: false,
  means,
});
const maybe = (name: string, type: WritebackType, means: string): WritebackColumn => ({
  ...given(name, type, means),
  nullable: true,
});

/** In the names of the folders, as Hive has it; in PostgreSQL columns as any other. */
export const writebackPartitions: readonly WritebackColumn[] = [
  given('sync', 'text', 'the name of the sync'),
  given('run_date', 'date', 'the day on which the run began, in UTC'),
];

export const writebackColumns: Readonly<Record<WritebackTable, readonly WritebackColumn[]>> = {
  runs: [
    given('run_id', 'text', 'the id of the run'),
    maybe('run_number', 'bigint', 'rises by one for each run of the sync; null of a skipped one'),
    given('status', 'text', '`completed`, `failed`, `cancelled` or `skipped`'),
    given('with_errors', 'boolean', 'rows were invalid or messages rejected'),
    maybe('mode', 'text', '`full`, `incremental`, `adopt` or `restricted`; null: it did not come so far'),
    maybe('mode_reason', 'text', 'why that mode'),
    maybe('model', 'text', 'the name of the model; null of a skipped run'),
    maybe('destination', 'text', 'the name of the Segment connection; null of a skipped run'),
    given('rows_read', 'bigint', 'rows that the model returned'),
    given('rows_added', 'bigint', 'rows that the state did not know'),
    given('rows_changed', 'bigint', 'rows that had changed, and those in doubt'),
    given(
      'rows_unchanged',
      'bigint',
      'rows that had not; no line of `rows` stands for them unless they were sent',
    ),
    given('rows_removed', 'bigint', 'keys that had left the model'),
    given('rows_invalid', 'bigint', 'rows that were not sent, for a reason of ours'),
    given('messages_planned', 'bigint', 'messages that the plan was to send'),
    given('messages_accepted', 'bigint', 'messages that Segment took'),
    given('messages_rejected', 'bigint', 'messages that Segment refused'),
    given('requests', 'bigint', 'POSTs that left'),
    given('started_at', 'timestamp', 'when the run began'),
    given('finished_at', 'timestamp', 'when it ended'),
    maybe('error_code', 'text', 'what it failed with: a code of the [table of errors](errors.md)'),
    maybe('error_message', 'text', 'the same in words, without values of rows'),
    given(
      'rows_written',
      'bigint',
      'lines of `rows` that belong to the run: when they are all there, the run is whole',
    ),
    given('rows_selected', 'text', '`all`, `failed` or `none`: which rows were to be written'),
  ],
  rows: [
    given('run_id', 'text', 'the id of the run'),
    maybe('row_key', 'text', 'the key of the row as it is sent; null or empty of rows without one'),
    given('outcome', 'text', '`accepted`, `rejected`, `invalid`, `in_doubt`, `unsent` or `adopted`'),
    maybe(
      'operation',
      'text',
      '`added`, `changed`, `unchanged` or `removed`; null: invalid before that was known',
    ),
    maybe('reason', 'text', 'why it is invalid, or `http_` and the status that it was rejected with'),
    maybe('column_name', 'text', 'the column that made it invalid'),
    maybe('message_id', 'text', 'the `messageId` that Segment got; null: there was no message'),
    maybe('http_status', 'integer', 'of the answer that decided the outcome; null: there was none'),
    given('attempts', 'integer', 'POSTs that the message was in'),
    maybe('attempted_at', 'timestamp', 'the slot of the POST that decided the outcome'),
    maybe('answered_at', 'timestamp', 'when that POST was answered, or given up'),
    maybe(
      'model_rows',
      'bigint',
      'rows of the model that the line stands for; null of `duplicate_key`, where only the sum is known',
    ),
    maybe('payload', 'json', 'the message as Segment got it; null unless `payload: true`'),
  ],
};

/** Whether a row is written, by what became of it: `failed` are those that did not arrive for a reason of their own. */
export const writebackOutcomes = {
  accepted: { failed: false, means: 'Segment took it' },
  rejected: { failed: true, means: 'Segment refused it' },
  invalid: { failed: true, means: 'it was not sent: the reason is ours' },
  in_doubt: { failed: true, means: 'it was posted, and the answer was lost; the next run sends it again' },
  unsent: { failed: false, means: 'it was planned, and the run ended before; the next run has it' },
  adopted: { failed: false, means: 'an adoption recorded it as delivered' },
} as const;
export type WritebackOutcome = keyof typeof writebackOutcomes;

export const writebackSelections = ['all', 'failed', 'none'] as const;
export type WritebackSelection = (typeof writebackSelections)[number];

export const isSelected = (outcome: WritebackOutcome, selection: WritebackSelection): boolean =>
  selection === 'all' || (selection === 'failed' && writebackOutcomes[outcome].failed);

/** Where it goes: all of them, or those that a sync names. */
export const writebackTargets = ['blobs', 'postgres'] as const;
export type WritebackTarget = (typeof writebackTargets)[number];

/** What became of writing a run back to one of them. */
export interface Writeback {
  target: WritebackTarget;
  status: 'writing' | 'written' | 'failed' | 'cancelled';
  /** Of the schema that it is written by. */
  version: number;
  /** Lines of `rows`. */
  rows: number;
  /** Parquet files, that of the run among them. */
  files: number;
  error: ErrorView | null;
  startedAt: string;
  finishedAt: string | null;
}

/** A run as it is named where it is written to. */
export interface WrittenRun {
  id: string;
  sync: string;
  /** ISO 8601. */
  startedAt: string;
}

export const WRITEBACK_FOLDER = blobName('writeback', `v${WRITEBACK_VERSION}`);
const DATE_LENGTH = 10;
const PART_DIGITS = 5;

export const runDate = ({ startedAt }: WrittenRun): string => startedAt.slice(0, DATE_LENGTH);

const folderOf = (table: WritebackTable, run: WrittenRun): BlobName =>
  blobName(WRITEBACK_FOLDER, table, `sync=${run.sync}`, `run_date=${runDate(run)}`);

/** The one file of the run itself. It is written last: what it stands for is whole. */
export const runFile = (run: WrittenRun): BlobName => blobName(folderOf('runs', run), `${run.id}.parquet`);

export const rowsFolder = (run: WrittenRun): BlobName => folderOf('rows', run);

export const rowsFile = (run: WrittenRun, part: number): BlobName =>
  blobName(rowsFolder(run), `${run.id}-${String(part).padStart(PART_DIGITS, '0')}.parquet`);

/** Whether a blob of the folder is of this run. */
export const isOfRun = (name: BlobName, run: WrittenRun): boolean =>
  name.startsWith(`${rowsFolder(run)}/${run.id}-`);

export type Cell = string | number | boolean | null;
/** A line, by the names of the columns. */
export type Line = Readonly<Record<string, Cell>>;
