import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { TLS_CODES } from '../tls-codes.ts';

interface AwsError extends Error {
  $metadata?: { httpStatusCode?: number };
  $fault?: string;
  Code?: string;
}

/** Names that AWS gives its errors, in any of its services. */
const byName: Readonly<Record<string, ErrorCode>> = {
  UnrecognizedClientException: 'source_credentials',
  InvalidClientTokenId: 'source_credentials',
  InvalidAccessKeyId: 'source_credentials',
  InvalidToken: 'source_credentials',
  SignatureDoesNotMatch: 'source_credentials',
  InvalidSignatureException: 'source_credentials',
  MissingAuthenticationTokenException: 'source_credentials',
  CredentialsProviderError: 'source_credentials',
  AccessDenied: 'source_permission',
  AccessDeniedException: 'source_permission',
  UnauthorizedOperation: 'source_permission',
  ExpiredToken: 'source_token_expired',
  ExpiredTokenException: 'source_token_expired',
  RequestExpired: 'source_clock_skew',
  RequestTimeTooSkewed: 'source_clock_skew',
  ThrottlingException: 'source_busy',
  Throttling: 'source_busy',
  SlowDown: 'source_busy',
  ActiveStatementsExceededException: 'source_busy',
  ActiveSessionsExceededException: 'source_busy',
  DatabaseConnectionException: 'source_unreachable',
  TooManyRequestsException: 'source_busy',
  RequestLimitExceeded: 'source_busy',
  NoSuchBucket: 'source_database_missing',
  PermanentRedirect: 'source_database_missing',
  AuthorizationHeaderMalformed: 'source_database_missing',
  NoSuchKey: 'source_result_expired',
  ClusterNotFound: 'source_host_unknown',
  ClusterNotFoundFault: 'source_host_unknown',
  TimeoutError: 'source_unreachable',
};
const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  ECONNREFUSED: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
  ERR_STREAM_PREMATURE_CLOSE: 'source_interrupted',
};

/** What was asked of AWS. */
export interface AwsCall {
  connection: string;
  /** As a policy names it: `redshift-data:ExecuteStatement`. */
  action: string;
  /** Whether the keys stand in the connection: then nobody fetches new ones. */
  fixedKeys: boolean;
}

/** A failure of a call of AWS. Its text is left out, but it decides where a name stands for several things. */
export function awsError({ action, connection, fixedKeys }: AwsCall, error: unknown): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const { Code, code, message = '', name = '' } = error as AwsError & { code?: unknown };
  const said = Code ?? name;
  const found = codeOf(said, typeof code === 'string' ? code : '', message, error as AwsError, fixedKeys);
  return new BackhaulError(found, `connection ${connection}, ${action}, ${said}`, {
    ...advice(found, said, action),
    cause: error,
  });
}

function codeOf(
  name: string,
  network: string,
  message: string,
  error: AwsError,
  fixedKeys: boolean,
): ErrorCode {
  if (/Signature (?:expired|not yet current)/i.test(message)) return 'source_clock_skew';
  if (/is paused|PAUSED state|cluster.*not available/i.test(message)) return 'source_suspended';
  if (/endpoint doesn't exist/i.test(message)) return 'source_host_unknown';
  const found = byName[name];
  if (found === 'source_token_expired' && fixedKeys) return 'source_credentials';
  if (found !== undefined) return found;
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (status === 429) return 'source_busy';
  if (status < 500 && /secret/i.test(message)) return 'source_credentials';
  if (name === 'ResourceNotFoundException') {
    return /workgroup/i.test(message) ? 'source_host_unknown' : 'source_result_expired';
  }
  const ofNetwork = byNetwork[network];
  if (ofNetwork !== undefined) return ofNetwork;
  if (TLS_CODES.test(network)) return 'source_tls';
  if (status >= 500) return 'source_unreachable';
  if (/region is missing/i.test(message)) return 'source_host_unknown';
  return status >= 400 ? 'source_query_failed' : 'source_unreachable';
}

function advice(code: ErrorCode, name: string, action: string): { action?: string } {
  if (code === 'source_permission') {
    const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: '…' });
    return { action: `Allow it in the policy of the AWS identity: ${statement}` };
  }
  if (code === 'source_host_unknown') return { action: 'Check clusterIdentifier or workgroup, and region.' };
  if (code === 'source_credentials' && name.startsWith('ExpiredToken')) {
    return { action: 'Give the connection new keys, or leave them out so that the worker fetches its own.' };
  }
  if (name === 'NoSuchBucket') return { action: 'Check the bucket in unloadTo.' };
  if (code === 'source_database_missing') {
    return { action: 'The bucket of unloadTo is in another region: set region to it.' };
  }
  return {};
}
