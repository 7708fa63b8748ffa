/**
 * The one table of errors: every code that Backhaul can end with, what it means, what to do, whether
 * trying again can help, and the exit code of the command line. Temporal's failure type is the code;
 * `docs/errors.md` is generated from this table.
 *
 * `retryable: false` holds exactly where a person must act.
 *
 * @module
 */

export interface ErrorEntry {
  readonly meaning: string;
  readonly action: string;
  readonly retryable: boolean;
  readonly exit: ExitCode;
}

/** 0 done · 1 run failed or beyond limits · 2 usage · 3 definitions invalid · 4 a server cannot be reached · 5 awaiting approval */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

const act = (meaning: string, action: string, exit: ExitCode = 1): ErrorEntry => ({
  meaning,
  action,
  retryable: false,
  exit,
});
const transient = (meaning: string, action: string, exit: ExitCode = 1): ErrorEntry => ({
  meaning,
  action,
  retryable: true,
  exit,
});

export const errorTable = {
  // Definitions
  definitions_invalid: act('A definition has faults.', 'Mend each fault at the place that is named.', 3),
  definitions_not_found: act(
    'No definition file is there.',
    'Write backhaul.yaml, or name the files on the command line.',
    3,
  ),
  encryption_keys_missing: act(
    'BACKHAUL_ENCRYPTION_KEYS is not set, and a secret is to be stored or read.',
    'Set it here, or for the `backhaul serve` that is asked, and for every worker to a key of `openssl rand -base64 32`; or keep secrets in the environment: `backhaul connect … --yaml`.',
    2,
  ),
  secret_unreadable: act(
    'None of BACKHAUL_ENCRYPTION_KEYS opens a stored secret.',
    'Add the key that it was stored with to the list, on every worker; or store the secret anew with `backhaul connect`.',
  ),
  reference_unresolved: act(
    'A ${…} reference of a connection has no value on the worker.',
    'Set the variable (or the file) in the environment of every worker; store a secret with `backhaul connect`. Then start the run again.',
  ),
  sync_not_found: act(
    'No sync of that name is known.',
    'List them with `backhaul list syncs`; add it with `backhaul apply`.',
    2,
  ),
  schedule_not_found: act(
    'Nothing starts this sync by itself.',
    'Give it a `schedule` or `after` in its definition; a run is paused by its id.',
    2,
  ),
  schedule_paused_by_definition: act(
    'The definition of the sync says `paused: true`.',
    'Remove that line, and run `backhaul apply`.',
    2,
  ),
  schedule_refused: act(
    'Temporal refuses the schedules of some syncs, and keeps those it had of them. The definitions and all other schedules stand as they were given.',
    'Mend the `schedule` of each sync that is named, and run `backhaul apply` again.',
    3,
  ),
  model_not_found: act(
    'No model of that name is known.',
    'List them with `backhaul list models`; add it with `backhaul apply`.',
    2,
  ),
  connection_not_found: act(
    'No connection of that name is known.',
    'List them with `backhaul list connections`; add it with `backhaul apply`.',
    2,
  ),
  alert_not_found: act(
    'No alert of that name is known.',
    'List them with `backhaul list alerts`; add it with `backhaul apply`.',
    2,
  ),
  notification_not_found: act(
    'No notification of that id is known.',
    'List them with `backhaul notifications`; they are kept for 90 days.',
    2,
  ),
  run_not_found: act(
    'No run of that id is known.',
    'List them with `backhaul runs`; a definition is shown by `backhaul describe sync/NAME`.',
    2,
  ),
  not_available_yet: act(
    'This part of Backhaul is not built yet.',
    'See CHANGELOG.md for what this version does.',
    2,
  ),
  usage: act('This cannot be done as it was asked for.', 'See `backhaul --help`.', 2),

  // Source
  source_unreachable: transient(
    'The warehouse does not answer.',
    'Check host and port, and that the worker may reach them.',
  ),
  source_host_unknown: act(
    'The host name of the warehouse is not known.',
    'Check the host in the connection.',
  ),
  source_tls: act(
    'The TLS handshake with the warehouse failed.',
    'Check the TLS fields and the root certificate of the connection.',
  ),
  source_credentials: act(
    'The warehouse refused the credentials.',
    'Check user, password, key or token of the connection.',
  ),
  source_database_missing: act(
    'The database (catalog, project, spreadsheet) of the connection does not exist.',
    'Check its name in the connection.',
  ),
  source_permission: act(
    'The user of the connection may not read this.',
    'Grant it: usage on the schema, select on the table.',
  ),
  source_syntax: act(
    'The SQL of the model has a syntax error.',
    'Mend the model at the position that is named.',
  ),
  source_table_missing: act(
    'The model names a table (dataset, index, tab) that does not exist.',
    'Check the name and its schema.',
  ),
  source_column_missing: act('The model names a column that does not exist.', 'Check the name.'),
  source_query_failed: act(
    'The warehouse refused the query of the model.',
    'See the code of the warehouse; mend the model.',
  ),
  source_timeout: act(
    'The query ran longer than statementTimeout.',
    'Make the model cheaper, or raise statementTimeout.',
  ),
  source_interrupted: transient(
    'The connection to the warehouse broke while reading.',
    'The read starts again by itself.',
  ),
  source_busy: transient(
    'The warehouse has no room for another session or resource.',
    'It is tried again by itself; raise the limit if it lasts.',
  ),
  source_endpoint_refused: act(
    "The connection names an address that is not the vendor's own.",
    'Remove it, or let the operator list its origin in BACKHAUL_ALLOWED_ENDPOINTS on every worker.',
  ),
  source_clock_skew: act(
    'The warehouse refused the credentials because the clock of the worker is wrong.',
    'Set the clock of the worker, by NTP.',
  ),
  source_token_expired: transient(
    'The access token ran out while reading.',
    'A new one is fetched by itself, and the read goes on.',
  ),
  source_quota: transient(
    'The warehouse says that a quota is used up.',
    'It is tried again by itself; raise the quota, or run less often, if it lasts.',
  ),
  source_cost_limit: act(
    'The query would cost more than the connection allows.',
    'Make the model cheaper, or raise the limit of the connection.',
  ),
  source_suspended: act(
    'The warehouse is suspended, and may not or cannot be resumed.',
    'Resume it, or let it resume by itself.',
  ),
  source_result_expired: transient(
    'The warehouse no longer keeps the result that was being read.',
    'The query runs again by itself, and the read starts from its beginning.',
  ),
  source_partial_result: transient(
    'The warehouse gave a part of the result only.',
    'The read starts again by itself; see the health of the warehouse if it lasts.',
  ),
  source_result_too_large: act(
    'The result is larger than the warehouse hands out this way.',
    'Select fewer rows or columns, or use another way to read that the page of the source names.',
  ),
  source_row_too_large: act(
    'A row is larger than the warehouse hands out.',
    'Leave out or shorten the large columns in the model.',
  ),
  source_changed: transient('What is read changed under the read.', 'The read starts again by itself.'),
  source_column_unnamed: act('A column of the model has no name.', 'Give each column a name of its own.'),
  source_value_unsupported: act(
    'The model returns a type that cannot become JSON.',
    'Cast the column to text in the model.',
  ),
  not_a_select: act(
    'The SQL of a model must be one SELECT that changes nothing.',
    'Write one SELECT (or WITH … SELECT), with no second statement, no INTO and no locking clause.',
  ),
  duplicate_column: act(
    'The model returns two columns of the same name.',
    'Give each column a name of its own with AS.',
  ),
  key_column_missing: act(
    'The key column is not among the columns of the model.',
    'Name a column of the model in key.from, or add it to the model.',
  ),
  key_type_unsupported: act(
    'The key column has a type that does not make a stable key.',
    'Cast it to text in the model.',
  ),
  key_type_changed: act(
    'The key column has another type than the state was built with.',
    'Cast it back in the model, or give the sync a new name to begin anew.',
  ),
  destination_changed: act(
    'The sync now points at another Segment source, object or key than its state was built with.',
    'Set it back, or give the sync a new name to begin anew there.',
  ),
  column_missing: act(
    'The mapping names a column that the model does not return.',
    'Mend the mapping, or add the column to the model.',
  ),
  trait_collision: act(
    'Two columns end in the same trait, or one inside of the other.',
    'Rename one with AS in the model, or map it explicitly under another name.',
  ),
  type_not_convertible: act(
    'The mapping names a type that the column cannot become.',
    'Convert the column in the model, or leave out type.',
  ),
  nothing_mapped: act('The mapping sends no trait at all.', 'Add mappings, or set properties: all.'),
  too_many_traits: act('Segment drops a user with 300 traits or more.', 'Map fewer columns.'),
  trait_name_invalid: act(
    'A trait would have an empty name.',
    'Rename the column with AS in the model, or mend "to" of the mapping.',
  ),
  empty_result: act(
    'The model returned no rows while the state is not empty.',
    'Check the model. If it is meant to be empty, set limits.emptyResult: allow.',
  ),

  condition_not_sql: act(
    'The model is read without SQL, so a condition of SQL cannot narrow it.',
    'Adopt all of its rows, or narrow the model itself.',
    2,
  ),
  condition_refused: act(
    'The warehouse refused the condition of the adoption.',
    "Mend it: it is SQL over the columns of the model, as the warehouse writes it, such as plan = 'pro'. Nothing was adopted.",
  ),
  condition_not_found: act(
    'The ledger has no such condition of an adoption.',
    'Start the adoption with `backhaul adopt`, which stores its condition.',
    2,
  ),

  // Segment
  segment_unreachable: transient(
    'Segment does not answer.',
    'Check that the worker may reach the host that is named, and trackingUrl if it is set. It is tried again by itself in a run.',
  ),
  segment_unavailable: transient(
    'Segment answered that it cannot take events now.',
    'It is tried again by itself.',
  ),
  segment_throttled: transient('Segment asked to wait.', 'It goes on by itself when the wait is over.'),
  segment_refused: act(
    'Segment refused the request for a reason that trying again does not change.',
    'Check write key, region and trackingUrl of the connection.',
  ),
  segment_refuses_everything: act(
    'Segment refused every message so far and accepted none.',
    'Check write key, region and trackingUrl of the connection; nothing was marked rejected.',
  ),
  write_key_empty: act(
    'The write key is empty.',
    'Set writeKey of the Segment connection, or the variable that it names.',
  ),

  segment_credential_malformed: act(
    'The token or write key of Segment holds spaces, quotes or other characters that neither of them has.',
    'Copy it anew, without quotes, spaces or the word Bearer in front.',
  ),
  segment_token_refused: act(
    "Segment's Public API does not accept the token.",
    'Make one in Segment under Settings, Workspace settings, Access Management, Tokens, with the role Source Admin on the sources to sync to. Segment revokes tokens that it finds in public.',
  ),
  segment_token_permission: act(
    'The token may not read the write key of the source.',
    'Make a token with the role Source Admin on this source, in Segment under Settings, Workspace settings, Access Management, Tokens; or give the writeKey of the source.',
  ),
  segment_region_wrong: act(
    'The token belongs to a workspace of another region than the connection names.',
    'Set region of the connection to the one that is named.',
  ),
  segment_source_unknown: act(
    'The workspace of the token has no such source: it was deleted, or the token may not see it.',
    'Name a source that is there by slug or id; `backhaul connect segment` lists them.',
  ),
  segment_source_disabled: act(
    'The source is disabled in Segment, which then drops every event without an error.',
    'Enable it in Segment, in the settings of the source.',
  ),
  segment_api_unreachable: transient(
    "Segment's Public API does not answer.",
    'Check that the worker may reach the host that is named, and publicApiUrl if it is set. It is tried again by itself in a run.',
  ),
  segment_api_throttled: transient(
    "Segment's Public API asked to wait: the token has used up its requests.",
    'Wait for the time that is named. It is tried again by itself in a run.',
  ),
  segment_api_refused: act(
    "Segment's Public API answered in a way that Backhaul does not know.",
    'Check publicApiUrl if it is set; else report it with the status that is named.',
  ),

  // Runs
  run_ended: act(
    'That run has ended already.',
    'Nothing to do: see how it ended with `backhaul describe RUN`.',
    2,
  ),
  run_not_ended: act(
    'That run has not ended.',
    'Wait for its end: `backhaul describe RUN`; or cancel it: `backhaul cancel RUN`.',
    2,
  ),
  selection_not_found: act(
    'The run names a selection of rows that the ledger does not know, or that is of another sync.',
    'Start it with `backhaul send` or `backhaul retry`, or by the library.',
    2,
  ),
  run_in_progress: act(
    'A run of this sync is going on.',
    'Wait for it, or cancel it: `backhaul cancel RUN`.',
  ),
  awaiting_approval: act(
    'A run of this sync waits for an approval.',
    'See what it would send with `backhaul describe RUN`; then `backhaul approve RUN` or `backhaul decline RUN`.',
    5,
  ),
  not_awaiting_approval: act(
    'That run does not wait for an approval.',
    'See how it stands with `backhaul describe RUN`.',
    2,
  ),
  run_declined: act(
    'The plan of the run was declined; nothing of it was sent.',
    'Nothing to do: the next run makes a new plan.',
  ),
  approval_expired: act(
    'Nobody approved the plan of the run within approvalExpires; nothing of it was sent.',
    'Start a run again and approve it in time, or raise approvalExpires.',
  ),
  idempotency_conflict: act(
    'This idempotency key was used with other arguments.',
    'Take a new key, or the same arguments.',
    2,
  ),
  workflow_id_mismatch: act(
    'syncRun was started under another workflow id than its sync has.',
    'Start it under sync/<name>, or by the client.',
    2,
  ),
  run_superseded: act(
    'A newer run of the sync has taken over.',
    'Nothing to do: the newer run sends what is due.',
  ),
  run_terminated: act(
    'The run was ended from outside, or lost, before it could record its result.',
    'Nothing to do: what Segment took is in the state, and the next run sends the rest.',
  ),
  run_too_long: act(
    'The run reached limits.runtime.',
    'What was accepted stays; the next run goes on. Raise limits.runtime if this is usual.',
  ),
  no_progress: act(
    'Nothing was read and nothing acknowledged for limits.noProgress.',
    'See the last error of the activity that is retried, in the Temporal UI.',
  ),
  too_many_invalid: act(
    'More rows are invalid than limits.invalid allows.',
    'See them with `backhaul rows RUN --outcome invalid`; mend the model or raise the limit.',
  ),
  too_many_rejected: act(
    'More messages were rejected than limits.rejected allows.',
    'See them with `backhaul rows RUN --outcome rejected`; the others are delivered. Once they are mended: `backhaul retry RUN`, or the next run.',
  ),
  full_not_for_append: act(
    'The sync appends: a row that was accepted is never sent again, so there is no full run.',
    'Run it without --full; give it another name to send all of its rows once more.',
    2,
  ),
  run_cancelled: act('The run was cancelled.', 'What was accepted stays; the next run sends the rest.'),
  state_missing: act(
    'The ledger names a state that the blobs do not have.',
    'Restore the blobs from a backup. Backhaul does not take a lost state for an empty one, which would send every row again.',
  ),
  state_unreadable: act(
    'The state was written by a version that this one cannot read.',
    'Run the newer version of Backhaul.',
  ),
  snapshot_missing: act(
    'Blobs of this run are missing.',
    'Check BACKHAUL_BLOBS: every worker must see the same storage.',
  ),
  blobs_unavailable: transient(
    'The blob storage does not answer.',
    'It is tried again by itself; check BACKHAUL_BLOBS if it lasts.',
  ),
  scratch_unwritable: act(
    'The local scratch disk of the worker cannot be written.',
    'Let BACKHAUL_SCRATCH name a folder that the worker may write.',
  ),
  scratch_full: act('The local scratch disk of the worker is full.', 'Give BACKHAUL_SCRATCH more room.'),
  engine_failed: transient(
    'DuckDB could not finish a step on the local disk of the worker.',
    'It is tried again by itself; if it lasts, let a worker run fewer activities at once.',
  ),
  row_unreadable: act(
    'The spool of the model cannot be read.',
    'This is a fault of Backhaul: report it with the code and the sync.',
  ),

  // Write-back
  writeback_not_writable: act(
    'The connection of a write-back is not one that may be written to.',
    'Name a connection of type postgres with `writable: true` in `writeback.postgres`, and apply it. Then `backhaul writeback RUN`.',
  ),
  writeback_refused: act(
    'PostgreSQL does not take what is written back.',
    'Look up the SQLSTATE; mostly a grant is missing: see docs/writeback.md. Then `backhaul writeback RUN`.',
  ),
  writeback_unavailable: transient(
    'The PostgreSQL that is written back to does not answer, or broke off.',
    'It is tried again by itself, for some hours. Afterwards `backhaul writeback RUN`.',
  ),
  writeback_tables_foreign: act(
    'The schema of a write-back has a table of that name which is not of this version of Backhaul.',
    'Name another schema in `writeback.postgres.schema`, or rename the table there.',
  ),

  // Alerts
  channel_unreachable: transient(
    'The receiver of a notification does not answer.',
    'Check that the worker may reach the host of the connection. It is tried again by itself, for a day; afterwards `backhaul redeliver NOTIFICATION`.',
  ),
  channel_unavailable: transient(
    'The receiver of a notification answered that it cannot take it now.',
    'It is tried again by itself, for a day; afterwards `backhaul redeliver NOTIFICATION`.',
  ),
  notification_expired: act(
    'A notification waited longer for its turn at its channel than notifications are tried.',
    'Check the receiver with `backhaul check CONNECTION`. Then `backhaul redeliver NOTIFICATION`.',
  ),
  channel_refused: act(
    'The receiver of a notification refuses it.',
    'Check the address and the secrets of the connection with `backhaul check CONNECTION`. Then `backhaul redeliver NOTIFICATION`.',
  ),

  // Servers and environment
  ledger_unreachable: transient(
    'The ledger (PostgreSQL) does not answer.',
    'Check BACKHAUL_DATABASE_URL.',
    4,
  ),
  ledger_not_migrated: act('The schema of the ledger is missing or old.', 'Run `backhaul migrate`.', 4),
  ledger_too_new: act(
    'The schema of the ledger is newer than this version.',
    'Run the newer version of Backhaul.',
    4,
  ),
  temporal_unreachable: transient(
    'Temporal does not answer.',
    'Check TEMPORAL_ADDRESS, or start `backhaul dev`.',
    4,
  ),
  temporal_not_configured: act(
    'No Temporal address is set.',
    'Set TEMPORAL_ADDRESS, or start `backhaul dev` in this folder.',
    4,
  ),
  ledger_not_configured: act(
    'No ledger is set.',
    'Set BACKHAUL_DATABASE_URL, or start `backhaul dev` in this folder.',
    4,
  ),
  blobs_not_configured: act(
    'No blob storage is set.',
    'Set BACKHAUL_BLOBS, or start `backhaul dev` in this folder.',
    4,
  ),
  blobs_scheme_unknown: act(
    'BACKHAUL_BLOBS names a storage that this version does not have.',
    'Use file:///directory, s3://bucket/prefix or gs://bucket/prefix.',
    2,
  ),
  worker_not_polling: transient(
    'The worker does not ask Temporal for work: it is starting or stopping.',
    'If it lasts, read its log and start it again.',
    4,
  ),
  blobs_refused: act(
    'The blob storage refuses: the bucket is not there, its region is another one, or the credentials may not read, write, list and remove in it.',
    'Check BACKHAUL_BLOBS and what its credentials are allowed (docs/configuration.md).',
    4,
  ),
  worker_stopped: transient(
    'The worker was told to stop, and gave up what it could not finish in time.',
    'Nothing to do: another worker goes on.',
  ),
  temporal_tls: act(
    'Temporal cannot be reached by TLS.',
    'Check TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and the client certificate, and whether one of them has expired.',
    4,
  ),
  temporal_unauthorized: act(
    'Temporal refuses who asks.',
    'Check TEMPORAL_API_KEY, or the client certificate, and that it may use TEMPORAL_NAMESPACE.',
    4,
  ),
  temporal_namespace_missing: act(
    'Temporal has no such namespace.',
    'Create it (`temporal operator namespace create --namespace NAME`), or set TEMPORAL_NAMESPACE.',
    4,
  ),
  temporal_too_old: act(
    'The Temporal server is older than what Backhaul works with.',
    'Upgrade it, one minor version at a time; docs/upgrade.md states the oldest.',
    4,
  ),
  no_worker: transient(
    'No worker picked this up in time.',
    'Start `backhaul worker`, with the same task queue.',
    4,
  ),
  dev_tool_missing: act(
    'A program that `backhaul dev` needs is not there and could not be installed.',
    'Install it as the message says.',
    4,
  ),
  dev_already_running: act(
    '`backhaul dev` is running on this BACKHAUL_HOME.',
    'Use it, or stop it with Ctrl-C where it runs.',
    2,
  ),
  dev_failed: act('A part of `backhaul dev` did not start.', 'See its log file, which the message names.', 4),

  // HTTP API
  api_unreachable: transient(
    'The HTTP API does not answer.',
    'Check BACKHAUL_URL, and that `backhaul serve` runs there.',
    4,
  ),
  api_answer_unknown: act(
    'What answers at BACKHAUL_URL is not the HTTP API of this version.',
    'Check the address, what stands before it, and that both ends are of the same version.',
    4,
  ),
  api_key_missing: act(
    'BACKHAUL_URL is set and BACKHAUL_API_KEY is not.',
    'Set it to a key of `backhaul keys create`; or unset BACKHAUL_URL.',
    2,
  ),
  api_insecure: act(
    'A secret would leave for the HTTP API over a connection that is not encrypted.',
    'Give an https:// address in BACKHAUL_URL.',
    2,
  ),
  api_direct_only: act(
    'This cannot be done through the HTTP API.',
    'Unset BACKHAUL_URL, and give BACKHAUL_DATABASE_URL, BACKHAUL_BLOBS and TEMPORAL_ADDRESS instead.',
    2,
  ),
  unauthenticated: act(
    'The request has no key of the HTTP API that is in force.',
    'Send `Authorization: Bearer KEY`; `backhaul keys create` makes one.',
    2,
  ),
  forbidden: act('The key may not do this.', 'Use a key of the role that is named.', 2),
  key_not_found: act('No key of that id is known.', 'List them with `backhaul keys list`.', 2),
  request_invalid: act(
    'The request is not as the HTTP API takes it.',
    'Mend what is named; GET /openapi.json describes it all.',
    2,
  ),
  request_too_large: act('The body of the request is too large.', 'Send less in one request.', 2),
  route_not_found: act('There is nothing at this address.', 'GET /openapi.json names all addresses.', 2),
  request_in_progress: transient(
    'A request with this Idempotency-Key is being carried out.',
    'Ask again in a moment: the answer will be that of the first.',
  ),
  too_many_requests: transient('There were too many requests.', 'Wait as long as Retry-After says.'),
  definitions_changed: act(
    'The definitions have changed since this plan of changes was made.',
    'Make the plan again, look at it, and apply that one.',
    2,
  ),
  definitions_busy: transient(
    'Others change the definitions, one after the other, and have not ended for a minute.',
    'Try again; if it lasts, look whether Temporal answers.',
  ),
  reference_not_allowed: act(
    'A definition that came by the HTTP API refers to what the operator has not listed.',
    'Let the operator add the variable to BACKHAUL_API_VARIABLES of `backhaul serve`, or apply the definition with access to the ledger.',
    3,
  ),
  secret_needed_again: act(
    'A connection that uses a stored secret was changed by the HTTP API, and the secret was not given again.',
    'Store the connection as it shall be with its secrets: `backhaul connect`, or `secrets` of POST /v1/connections. What is stored goes nowhere that somebody without it chooses.',
    3,
  ),
  worker_identity_not_allowed: act(
    'A connection that came by the HTTP API has no credentials of its own, and would use the cloud identity of the worker.',
    'Give it credentials or keys, let the operator set BACKHAUL_API_WORKER_IDENTITY=true for `backhaul serve` and the workers, or apply the definition with access to the ledger.',
    3,
  ),
  address_not_allowed: act(
    'A connection that came by the HTTP API leads to an address inside of a private network.',
    'Let the operator add it to BACKHAUL_ALLOWED_NETWORKS of `backhaul serve` and of the workers, or apply the definition with access to the ledger.',
    3,
  ),
  internal: act(
    'Something went wrong that Backhaul did not foresee.',
    'This is a fault of Backhaul: report it with the code and what you did.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);
