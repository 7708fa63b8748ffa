import { describe, expect, it } from '@jest/globals';
import { bigQueryError, type ErrorContext } from './errors.ts';
import { failureError, networkFailure } from './failure.ts';

const context: ErrorContext = {
  connection: 'warehouse',
  projectId: 'demo',
  dataset: 'app',
  principal: 'serviceAccount:reader@demo.iam.gserviceaccount.com',
  model: 'users',
};
const failing = (
  reason: string,
  text: string,
  status: number | null = 400,
  more: Partial<ErrorContext> = {},
) => bigQueryError(failureError({ status, reason, text, clockAheadSeconds: null }), { ...context, ...more });

describe('bigquery: what is missing is named, with what gives it', () => {
  it.each([
    [
      'Access Denied: Project demo: User does not have bigquery.jobs.create permission in project demo.',
      'bigquery.jobs.create on project demo',
      "gcloud projects add-iam-policy-binding demo --member='serviceAccount:reader@demo.iam.gserviceaccount.com' --role=roles/bigquery.jobUser",
    ],
    [
      'Access Denied: Table demo:app.users: User does not have permission to query table demo:app.users, or perhaps it does not exist.',
      'bigquery.tables.getData on demo.app.users',
      'grant `roles/bigquery.dataViewer` on table `demo.app.users` to "serviceAccount:reader@demo.iam.gserviceaccount.com";',
    ],
    [
      'Access Denied: View demo:app.active: User does not have bigquery.tables.getData permission',
      'bigquery.tables.getData on demo.app.active',
      'on view `demo.app.active`',
    ],
    [
      'Access Denied: Dataset other-project:app: Permission bigquery.datasets.get denied on dataset other-project:app (or it may not exist).',
      'bigquery.datasets.get on other-project.app',
      'on schema `other-project.app`',
    ],
    [
      "request failed: the user does not have 'bigquery.readsessions.create' permission for 'projects/demo'",
      'bigquery.readsessions.create on project demo',
      'roles/bigquery.readSessionUser',
    ],
  ])('%s', (sentence, what, statement) => {
    const error = failing('accessDenied', sentence, 403);
    expect(error.code).toBe('source_permission');
    expect(error.message).toContain(what);
    expect(error.action).toContain(statement);
  });
});

describe('bigquery: what no grant of a table would give is named as what it is', () => {
  it.each([
    [
      'Access Denied: BigQuery BigQuery: User has neither fine-grained reader nor masked get permission to get data protected by policy tag "people : mail" on column demo.app.users.email.',
      'the policy tag of column demo.app.users.email',
      'roles/datacatalog.categoryFineGrainedReader',
    ],
    [
      "VPC Service Controls: Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x",
      'VPC Service Controls',
      'perimeter',
    ],
    [
      'Access Denied: BigQuery BigQuery: Permission denied while getting Drive credentials.',
      'does not say what is missing',
      'Google Drive',
    ],
  ])('%s', (sentence, what, action) => {
    const error = failing('accessDenied', sentence, 403);
    expect(error.code).toBe('source_permission');
    expect(error.message).toContain(what);
    expect(error.action).toContain(action);
    expect(error.action).not.toContain('dataViewer');
  });

  it('the Storage Read API may be switched off', () => {
    const error = failing('SERVICE_DISABLED', 'It is disabled', null);
    expect(error.action).toContain('gcloud services enable');
  });
});

describe('bigquery: each failure has its code', () => {
  it.each([
    [
      'bytesBilledLimitExceeded',
      'Query exceeded limit for bytes billed: 1000. 10485760 or higher required.',
      'source_cost_limit',
    ],
    ['responseTooLarge', 'Response too large to return.', 'source_result_too_large'],
    ['timeout', '', 'source_timeout'],
    ['INVALID_ARGUMENT', 'request failed', 'source_query_failed'],
    ['notFound', 'Not found: Job demo:US.backhaul-run-0123456789abcdef-1', 'source_result_expired'],
    ['invalidQuery', 'Field name x does not exist in STRUCT<y INT64> at [1:10]', 'source_column_missing'],
    ['rateLimitExceeded', 'Exceeded rate limits', 'source_quota'],
    ['resourcesExceeded', 'Resources exceeded during query execution', 'source_query_failed'],
    ['stopped', 'Job execution was cancelled', 'source_query_failed'],
    ['jobBackendError', 'The job encountered an error', 'source_unreachable'],
    [
      'invalidQuery',
      'Duplicate column names in the result are not supported. Found duplicate(s): id',
      'duplicate_column',
    ],
    [
      'invalidQuery',
      'Table "users" must be qualified with a dataset (e.g. dataset.table).',
      'source_table_missing',
    ],
    ['invalidQuery', 'Name nothing not found inside u at [2:10]', 'source_column_missing'],
    ['notFound', 'Not found: Dataset demo:app was not found in location EU', 'source_database_missing'],
    ['notFound', 'Not found: Dataset demo:other was not found in location EU', 'source_table_missing'],
    ['notFound', 'Not found: Project nowhere', 'source_database_missing'],
  ])('%s: %s', (reason, text, code) => {
    expect(failing(reason, text).code).toBe(code);
  });

  it('in a result, what is not found has expired, and what the backend does not do has broken off', () => {
    expect(failing('notFound', 'Not found: Table demo:_x.anon', 404, { reading: true }).code).toBe(
      'source_result_expired',
    );
    expect(failing('backendError', '', 503, { reading: true }).code).toBe('source_interrupted');
    expect(failing('NOT_FOUND', 'session expired', null, { reading: true }).code).toBe(
      'source_result_expired',
    );
  });

  it('what BigQuery does not have is not tried again', () => {
    expect(failing('notImplemented', '', 501).entry.retryable).toBe(false);
  });

  it('a stranger in between, who refuses in the middle of a read, does not make it start again for ever', () => {
    expect(failing('HTTP 403', '', 403, { reading: true }).entry.retryable).toBe(false);
  });

  it('a token that is refused when it was taken before ran out', () => {
    expect(failing('authError', '', 401).code).toBe('source_credentials');
    const ranOut = failing('authError', '', 401, { signedIn: true });
    expect([ranOut.code, ranOut.entry.retryable]).toEqual(['source_token_expired', true]);
  });

  it('a clock that is wrong is told by the token endpoint as well', () => {
    const text = 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
    expect(failing('invalid_grant', text).code).toBe('source_clock_skew');
    expect(failing('invalid_grant', 'Invalid JWT Signature.').code).toBe('source_credentials');
  });

  it('the network is told by the innermost code', () => {
    const inner = Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const outer = new Error('fetch failed', { cause: inner });
    expect(bigQueryError(failureError(networkFailure(outer)), context).code).toBe('source_tls');
  });
});

describe('bigquery: a message', () => {
  it('names the line of the model, whatever stands in front of it', () => {
    const text = 'Unrecognized name: nothing; Did you mean note? at [3:8]';
    expect(failing('invalidQuery', text, 400, { linesBefore: 1 }).message).toContain(
      'line 2, column 8, "nothing"',
    );
  });

  it('quotes nothing of a value', () => {
    const error = failing('invalidQuery', "Could not cast literal 'secret-value' to type DATE at [1:2]");
    expect(JSON.stringify(error.view())).not.toContain('secret-value');
  });
});
