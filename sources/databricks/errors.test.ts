import { describe, expect, it } from '@jest/globals';
import { networkError, statementError } from './errors.ts';

const WRAPPED = { model: 'm', sql: 'select 1', before: 'select * from (\n' };
const failed = (message: string, sql_state?: string, error_code = 'BAD_REQUEST') =>
  statementError(
    'warehouse',
    { statement_id: '1', status: { state: 'FAILED', sql_state, error: { error_code, message } } },
    WRAPPED,
  );

describe('databricks: a missing privilege', () => {
  it.each([
    [
      "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have USE SCHEMA on Schema 'main.app'. SQLSTATE: 42501",
      'USE SCHEMA on main.app is missing',
      'GRANT USE SCHEMA ON SCHEMA `main`.`app` TO `principal`',
    ],
    [
      'User does not have USE CATALOG on Catalog `main`. SQLSTATE: 42501',
      'USE CATALOG on main is missing',
      'GRANT USE CATALOG ON CATALOG `main` TO `principal`',
    ],
    [
      'User does not have permission SELECT on table `main`.`app`.`users`. SQLSTATE: 42501',
      'SELECT on main.app.users is missing',
      'GRANT SELECT ON TABLE `main`.`app`.`users` TO `principal`',
    ],
    ['Something else. SQLSTATE: 42501', '', 'GRANT SELECT ON TABLE'],
  ])('of %j is named', (message, missing, action) => {
    const error = failed(message);
    expect(error.code).toBe('source_permission');
    expect(error.where).toContain(missing);
    expect(error.action).toContain(action);
  });
});

describe('databricks: a statement that failed', () => {
  it.each([
    ['', 'RESOURCE_EXHAUSTED', 'source_quota'],
    ['', 'TEMPORARILY_UNAVAILABLE', 'source_unreachable'],
    ['', 'INTERNAL_ERROR', 'source_interrupted'],
    ['', 'BAD_REQUEST', 'source_query_failed'],
    ['57KD0', 'BAD_REQUEST', 'source_timeout'],
    ['42704', 'BAD_REQUEST', 'source_table_missing'],
    ['08KD1', 'BAD_REQUEST', 'source_busy'],
    ['08006', 'BAD_REQUEST', 'source_interrupted'],
    ['53200', 'BAD_REQUEST', 'source_busy'],
  ])('with SQLSTATE %j and %s is %s', (state, errorCode, code) => {
    expect(failed('', state === '' ? undefined : state, errorCode).code).toBe(code);
  });

  it('says its condition, SQLSTATE and place, and nothing of its text', () => {
    const error = failed(
      '[CAST_INVALID_INPUT] The value \'secret@example.com\' of the type "STRING" cannot be cast. SQLSTATE: 22018\n== SQL (line 2, position 8) ==\nselect 1',
    );
    expect(error.where).toBe('connection warehouse, model m, line 1, column 8, CAST_INVALID_INPUT, 22018');
    expect(JSON.stringify(error.view())).not.toContain('secret');
    expect(String((error.cause as Error).stack)).not.toContain('secret');
  });
});

it.each([
  ['CERT_NOT_YET_VALID', 'source_clock_skew'],
  ['CERT_HAS_EXPIRED', 'source_tls'],
  ['ECONNRESET', 'source_interrupted'],
])('databricks: a connection that fails with %s is %s', (system, code) => {
  expect(networkError('connection warehouse', Object.assign(new Error(), { code: system })).code).toBe(code);
});
