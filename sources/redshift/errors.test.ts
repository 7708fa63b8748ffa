import { describe, expect, it } from '@jest/globals';
import { awsError } from './aws-errors.ts';
import { sessionError, statementError } from './errors.ts';

const said = (message: string, code = 'XX000'): unknown => Object.assign(new Error(message), { code });

describe('redshift: an error', () => {
  it.each([
    ['could not open relation with OID 12345', 'source_changed'],
    ['table 12345 dropped by concurrent transaction', 'source_changed'],
    ['1023', 'source_query_failed'],
    ['Serializable isolation violation on table - 12345', 'source_interrupted'],
    ['S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 1', 'source_busy'],
    ['S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1', 'source_permission'],
    ['S3ServiceException:Moved,Status 301,Error PermanentRedirect,Rid 1', 'source_database_missing'],
  ])('%s: %s', (message, code) => {
    expect(sessionError('warehouse', said(message))).toMatchObject({ code });
    expect(statementError('warehouse', `ERROR: ${message}`)).toMatchObject({ code });
  });

  it('is not told by words that a row holds', () => {
    const message = 'invalid input syntax for integer: "connection reset, permission denied for x"';
    expect(sessionError('warehouse', said(message, '22P02'))).toMatchObject({ code: 'source_query_failed' });
    expect(statementError('warehouse', `ERROR: ${message}`)).toMatchObject({ code: 'source_query_failed' });
  });

  it.each([
    ['55P03', 'source_busy'],
    ['25P03', 'source_interrupted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'source_tls'],
    ['ERR_OSSL_PEM_BAD_BASE64_DECODE', 'source_tls'],
  ])('%s is %s', (state, code) => {
    expect(sessionError('warehouse', said('', state))).toMatchObject({ code });
  });
});

describe('redshift: an error of AWS', () => {
  const call = { connection: 'warehouse', action: 's3:GetObject', fixedKeys: false };
  const aws = (name: string, status: number, message = ''): unknown =>
    Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

  it.each([
    ['PermanentRedirect', 301, '', 'source_database_missing'],
    ['InvalidToken', 400, '', 'source_credentials'],
    ['TooManyRequestsException', 429, '', 'source_busy'],
    ['Unknown', 429, '', 'source_busy'],
    ['ThrottlingException', 400, 'Rate exceeded for secret', 'source_busy'],
    ['InternalServerException', 500, 'The secret could not be read', 'source_unreachable'],
    ['ValidationException', 400, 'Cannot find the secret', 'source_credentials'],
    ['TimeoutError', 0, '', 'source_unreachable'],
  ])('%s (%i) %s: %s', (name, status, message, code) => {
    expect(awsError(call, aws(name, status, message))).toMatchObject({ code });
  });
});
