import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPublicApi } from '../test/standins/segment-public-api/public-api-server.ts';
import { openWriteKeys } from './write-keys.ts';

const MINUTE_MS = 60_000;
const workspace = (writeKey: string) => ({
  slug: 'acme',
  tokens: [{ token: 'sgp_token', admin: 'all' as const }],
  sources: [{ id: 'one', slug: 'users', writeKeys: [writeKey] }],
});
const server = await startPublicApi(workspace('first'));
afterAll(() => server.close());

let nowMs = 0;
let keys: ReturnType<typeof openWriteKeys>;
beforeEach(() => {
  server.respond(null);
  server.workspace = workspace('first');
  nowMs = 0;
  keys = openWriteKeys({ allowedEndpoints: [server.url], now: () => nowMs, timeoutMs: 500 });
});

const connection = {
  type: 'segment',
  region: 'us',
  eventsPerSecond: 1000,
  rateLimitGroup: 'segment',
  client: 'http',
} as const;
const byToken = { ...connection, token: 'sgp_token', source: 'users', publicApiUrl: server.url };
const resolve = async (): Promise<string> => (await keys.resolve('segment', byToken)).writeKey;

describe('the write key of a connection', () => {
  it('is the one that was given, and nothing is asked', async () => {
    const before = server.requests().length;
    expect(await keys.resolve('segment', { ...connection, writeKey: 'given' })).toMatchObject({
      writeKey: 'given',
    });
    expect(server.requests()).toHaveLength(before);
  });

  it('is asked for once, by however many lanes at the same time', async () => {
    const before = server.requests().length;
    expect(await Promise.all([resolve(), resolve(), resolve()])).toEqual(['first', 'first', 'first']);
    expect(await resolve()).toBe('first');
    expect(server.requests()).toHaveLength(before + 1);
  });

  it('is asked for again after five minutes', async () => {
    expect(await resolve()).toBe('first');
    server.workspace = workspace('second');
    nowMs = 4 * MINUTE_MS;
    expect(await resolve()).toBe('first');
    nowMs = 5 * MINUTE_MS;
    expect(await resolve()).toBe('second');
  });

  it('outlives an hour of silence of the Public API, and no more', async () => {
    expect(await resolve()).toBe('first');
    server.respond(() => ({ status: 503, body: {} }));
    nowMs = 59 * MINUTE_MS;
    expect(await resolve()).toBe('first');
    nowMs = 61 * MINUTE_MS;
    await expect(resolve()).rejects.toMatchObject({ code: 'segment_api_unreachable' });
  });

  it('does not outlive a refusal', async () => {
    expect(await resolve()).toBe('first');
    server.workspace = { ...workspace('first'), tokens: [] };
    nowMs = 6 * MINUTE_MS;
    await expect(resolve()).rejects.toMatchObject({ code: 'segment_token_refused' });
  });
});
