import { errors } from '@elastic/elasticsearch';
import { describe, expect, it } from '@jest/globals';
import { elasticsearchError, type Asked } from './errors.ts';

type Answer = ConstructorParameters<typeof errors.ResponseError>[0];

/** What a failed request ends with. */
function failureOf(statusCode: number, error: unknown, asked: Partial<Asked> = {}) {
  const answer = {
    statusCode,
    body: JSON.stringify({ error, status: statusCode }),
    headers: {},
    warnings: null,
  };
  const response = new errors.ResponseError({ ...answer, meta: {} } as unknown as Answer);
  return elasticsearchError(response, { connection: 'search', ...asked }, undefined);
}

const phaseFailed = (inner: object = {}): object => ({
  root_cause: [],
  type: 'search_phase_execution_exception',
  reason: 'secret-value',
  failed_shards: [],
  ...inner,
});
const shardFailed = (type: string): object => phaseFailed({ failed_shards: [{ reason: { type } }] });
const missingShards = phaseFailed({ caused_by: phaseFailed() });

describe('elasticsearch: a failure of a search', () => {
  it.each([
    ['the connection of a node broke', 500, shardFailed('node_disconnected_exception'), 'source_interrupted'],
    ['a node left', 500, shardFailed('node_not_connected_exception'), 'source_interrupted'],
    ['a shard has no copy', 503, missingShards, 'source_partial_result'],
    ['time ran out', 504, shardFailed('search_timeout_exception'), 'source_partial_result'],
    ['a proxy has no server', 503, 'no body of Elasticsearch', 'source_unreachable'],
  ])('is tried again when %s', (_, status, error, code) => {
    const failure = failureOf(status, error);
    expect(failure).toMatchObject({ code, entry: { retryable: true } });
    expect(failure.message).not.toContain('secret-value');
  });

  it.each(['ada@example.com', 'a'.repeat(100), { a: 1 }])('says no type that is none: %j', (type) => {
    expect(failureOf(400, { type }).where).toBe('connection search, 400');
  });

  it.each([
    ['a shard has no copy', 503, missingShards],
    ['a shard is nowhere', 503, shardFailed('no_shard_available_action_exception')],
    ['the index was deleted', 404, { type: 'index_not_found_exception' }],
  ])('ends a point in time for good when %s', (_, status, error) => {
    expect(failureOf(status, error, { inPointInTime: true }).code).toBe('source_result_expired');
  });
});
