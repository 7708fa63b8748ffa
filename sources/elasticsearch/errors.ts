import { errors } from '@elastic/elasticsearch';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';

/** What was asked of Elasticsearch. */
export interface Asked {
  connection: string;
  model?: { name: string; reads: string } | undefined;
  /** What a role needs for it, beyond what every user may do. */
  privileges?: readonly string[];
  /** A point in time that was good before. */
  inPointInTime?: boolean;
  /** `query.bool.must[0]`, for a position in the body that was sent. */
  placeOf?: (offset: number) => string | null;
}

const byType: Readonly<Record<string, ErrorCode>> = {
  index_not_found_exception: 'source_table_missing',
  search_context_missing_exception: 'source_result_expired',
  parsing_exception: 'source_syntax',
  x_content_parse_exception: 'source_syntax',
  named_object_not_found_exception: 'source_syntax',
  circuit_breaking_exception: 'source_busy',
  es_rejected_execution_exception: 'source_busy',
  no_shard_available_action_exception: 'source_partial_result',
  unavailable_shards_exception: 'source_partial_result',
  cluster_block_exception: 'source_partial_result',
  search_timeout_exception: 'source_partial_result',
  connect_transport_exception: 'source_interrupted',
  node_closed_exception: 'source_interrupted',
  node_disconnected_exception: 'source_interrupted',
  node_not_connected_exception: 'source_interrupted',
  receive_timeout_transport_exception: 'source_interrupted',
};
/** A point in time goes with a node that does not come back, and with an index that is deleted, closed or moved. */
const lostWith: ReadonlySet<string> = new Set([
  'index_closed_exception',
  'index_not_found_exception',
  'no_shard_available_action_exception',
  'shard_not_found_exception',
]);
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'source_credentials',
  403: 'source_permission',
  408: 'source_timeout',
  429: 'source_quota',
  502: 'source_unreachable',
  503: 'source_unreachable',
  504: 'source_unreachable',
};
const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  EHOSTUNREACH: 'source_unreachable',
  ENETUNREACH: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'source_unreachable',
  CERT_NOT_YET_VALID: 'source_clock_skew',
};

/** Without another inside of it: "Search rejected due to missing shards". */
const PHASE_FAILED = 'search_phase_execution_exception';

/** Part of an error that Elasticsearch answers with; `reason` may quote values and is left out. */
interface Cause {
  type?: string;
  reason?: string;
  line?: number;
  col?: number;
  root_cause?: Cause[];
  caused_by?: Cause;
  failed_shards?: { reason?: Cause }[];
}

/** @param network the code with which the last connection failed; the client keeps its words only */
export function elasticsearchError(error: unknown, asked: Asked, network: string | undefined): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const fail = (code: ErrorCode, details: readonly (string | null)[], action?: string): BackhaulError => {
    const model = asked.model === undefined ? null : `model ${asked.model.name}`;
    const parts = [`connection ${asked.connection}`, model, ...details].filter((part) => part !== null);
    return new BackhaulError(code, parts.join(', '), {
      cause: error,
      ...(action === undefined ? {} : { action }),
    });
  };
  if (error instanceof errors.ResponseError) return answered(error, asked, fail);
  if (error instanceof errors.TimeoutError) {
    return fail('source_timeout', [], 'Make the model cheaper, or raise timeout in the connection.');
  }
  // Whoever breaks off a request himself does not ask why.
  if (error instanceof errors.RequestAbortedError) return fail('source_row_too_large', []);
  if (error instanceof errors.ProductNotSupportedError) {
    return fail(
      'source_query_failed',
      ['the server does not say that it is Elasticsearch'],
      'Name an Elasticsearch 8 cluster; OpenSearch and versions before 7.14 cannot be read.',
    );
  }
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    if (network === undefined) return fail('source_interrupted', []);
    const isTls = /TLS|SSL|CERT|UNABLE_TO|EPROTO/.test(network);
    return fail(byNetwork[network] ?? (isTls ? 'source_tls' : 'source_interrupted'), [network]);
  }
  return fail('internal', []);
}

type Fail = (code: ErrorCode, details: readonly (string | null)[], action?: string) => BackhaulError;

function answered(error: errors.ResponseError, asked: Asked, fail: Fail): BackhaulError {
  const status = error.statusCode ?? 0;
  const cause = causeOf(error.meta.body);
  const chain = cause === null ? [] : chainOf(cause);
  const known = chain.find(({ type }) => type !== undefined && byType[type] !== undefined);
  const named = known ?? chain.at(-1);
  const code =
    shardsMissing(chain, status, asked) ??
    byType[named?.type ?? ''] ??
    inSql(chain) ??
    byStatus[status] ??
    'source_query_failed';
  const reads = asked.model?.reads ?? null;
  const details = [
    code === 'source_table_missing' ? `"${reads}"` : null,
    code === 'source_permission' ? `needs ${privilegesOf(asked).join(', ')} on "${reads ?? '*'}"` : null,
    code === 'source_syntax' || code === 'source_query_failed' || code === 'source_column_missing'
      ? placeIn(chain, asked)
      : null,
    `${status}${isTypeName(named?.type) ? ` ${named?.type}` : ''}`,
  ];
  return fail(code, details, actionFor(code, asked, named?.type));
}

/** What is no server of Elastic's could say anything there. */
const isTypeName = (type: unknown): boolean => typeof type === 'string' && /^\w{1,80}$/.test(type);

/**
 * A shard without a copy, or an index that is gone. The next try would ask the same point in time for it again, and for ever
 * in vain; whether it is still amiss is seen when a new one is opened.
 */
function shardsMissing(chain: readonly Cause[], status: number, asked: Asked): ErrorCode | null {
  const types = chain.map(({ type = '' }) => type);
  const isRejected = status === 503 && types.length > 0 && types.every((type) => type === PHASE_FAILED);
  if (asked.inPointInTime === true && (isRejected || types.some((type) => lostWith.has(type))))
    return 'source_result_expired';
  return isRejected ? 'source_partial_result' : null;
}

const privilegesOf = ({ privileges = ['read'] }: Asked): readonly string[] => privileges;

function actionFor(code: ErrorCode, asked: Asked, type: string | undefined): string | undefined {
  if (code === 'source_permission') {
    const grant = { names: (asked.model?.reads ?? '*').split(','), privileges: privilegesOf(asked) };
    return `Give it to the role, or to role_descriptors of the API key: {"indices":[${JSON.stringify(grant)}]}.`;
  }
  if (code === 'source_partial_result')
    return 'The read starts again by itself; see GET _cluster/health and _cat/shards if it lasts.';
  if (type === 'index_closed_exception') return 'Open the index, or name another.';
  return undefined;
}

function causeOf(body: unknown): Cause | null {
  try {
    const { error } = JSON.parse(String(body)) as { error?: unknown };
    return typeof error === 'object' && error !== null ? error : null;
  } catch {
    return null;
  }
}

/** From the outside in: "all shards failed" is seldom why. */
function chainOf(cause: Cause): Cause[] {
  const inner = [
    ...(cause.caused_by === undefined ? [] : [cause.caused_by]),
    ...(cause.failed_shards ?? []).flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    ...(cause.root_cause ?? []).filter(({ type }) => type !== cause.type),
  ];
  return [cause, ...inner.flatMap(chainOf)];
}

/** `_sql` tells these apart in words only. */
function inSql(chain: readonly Cause[]): ErrorCode | null {
  const problem = chain.find(({ type }) => type === 'verification_exception')?.reason ?? '';
  if (/: Unknown index \[/.test(problem)) return 'source_table_missing';
  if (/: Unknown column \[/.test(problem)) return 'source_column_missing';
  return null;
}

/** Where in the query or the SQL of the model. */
function placeIn(chain: readonly Cause[], asked: Asked): string | null {
  const [, sqlLine, sqlColumn] =
    chain.map(({ reason }) => /\bline (\d+):(\d+): /.exec(reason ?? '')).find((match) => match !== null) ??
    [];
  if (asked.placeOf === undefined) {
    return sqlLine === undefined ? null : `line ${sqlLine}, column ${sqlColumn}`;
  }
  // What we send is one line.
  const [column = 0] = chain.flatMap(({ line, col }) => (line === 1 && col !== undefined ? [col] : []));
  return column > 0 ? asked.placeOf(column - 1) : null;
}
