import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPublicApi, tooManyRequests } from '../../test/standins/segment-public-api/public-api-server.ts';
import { openPublicApi } from './public-api.ts';

const TOKEN = 'sgp_planted-token';
const sources = Array.from({ length: 450 }, (_, index) => ({
  id: `id-${index}`,
  slug: `source-${index}`,
  writeKeys: [`key-${index}`],
}));
const server = await startPublicApi({
  slug: 'acme',
  tokens: [{ token: TOKEN, admin: ['id-0'] }],
  sources,
  deliveries: { 'id-0': { received: 9998, failed: { id_not_string: 2, source_disabled: 0 } } },
});
afterAll(() => server.close());
beforeEach(() => server.respond(null));

const open = (fields: Partial<Parameters<typeof openPublicApi>[0]> = {}) =>
  openPublicApi({ endpoint: new URL(server.url), token: TOKEN, timeoutMs: 1000, ...fields });

describe('the Public API', () => {
  it('names the workspace of a token', async () => {
    expect(await open().workspace()).toMatchObject({ slug: 'acme' });
  });

  it('lists all sources, page by page, and shows the write keys that the token may read', async () => {
    const listed = await open().sources();
    expect(listed.map(({ id }) => id)).toEqual(sources.map(({ id }) => id));
    expect(listed.filter(({ writeKeys }) => writeKeys.length > 0)).toMatchObject([{ id: 'id-0' }]);
  });

  it('ends the list when a page names itself as the next one', async () => {
    server.respond(() => ({ status: 200, body: { data: { sources: [], pagination: { next: 'same' } } } }));
    expect(await open().sources()).toEqual([]);
  });

  it('does not pass a list for whole that never ends', async () => {
    let page = 0;
    server.respond(() => ({
      status: 200,
      body: { data: { sources: [], pagination: { next: String((page += 1)) } } },
    }));
    await expect(open().sources()).rejects.toMatchObject({
      code: 'segment_api_refused',
      where: expect.stringContaining('pages'),
    });
  });

  it('counts what came in from a source, and what failed on ingest by reason', async () => {
    const now = new Date();
    const window = { from: new Date(now.getTime() - 600_000), to: now, now };
    expect(await open().deliveries('id-0', window)).toEqual({ received: 9998, failed: { id_not_string: 2 } });
  });

  it('has no counts of a span that Segment no longer tells of', async () => {
    const from = new Date('2020-01-01T00:00:00Z');
    expect(await open().deliveries('id-0', { from, to: from, now: new Date() })).toBeNull();
  });

  it('keeps a path in the address that it is given', async () => {
    server.respond((path) => (path.startsWith('/behind/') ? undefined : { status: 500, body: {} }));
    await expect(open({ endpoint: new URL(`${server.url}/behind/`) }).source('id-0')).rejects.toMatchObject({
      code: 'segment_source_unknown',
    });
  });
});

describe('a failure of the Public API', () => {
  it.each<[string, { status: number; body: unknown } | null, string, string]>([
    ['a token that is not known', { status: 401, body: { errors: [] } }, 'segment_token_refused', 'HTTP 401'],
    ['what the token may not', { status: 403, body: { errors: [] } }, 'segment_token_refused', 'HTTP 403'],
    [
      'a server in trouble',
      { status: 502, body: '<html>planted</html>' },
      'segment_api_unreachable',
      'HTTP 502',
    ],
    ['silence', null, 'segment_api_unreachable', 'ETIMEDOUT'],
    [
      'an answer of another form',
      { status: 200, body: { data: {} } },
      'segment_api_refused',
      'data.workspace',
    ],
    [
      'an answer that is no JSON',
      { status: 200, body: '<html>planted</html>' },
      'segment_api_refused',
      'JSON',
    ],
    [
      'a refusal that nobody foresaw',
      { status: 422, body: { errors: [{ type: 'unprocessable-entity', message: 'planted' }] } },
      'segment_api_refused',
      'HTTP 422 unprocessable-entity',
    ],
    ['a redirect', { status: 302, body: {} }, 'segment_api_refused', 'HTTP 302'],
  ])('%s', async (_, answer, code, where) => {
    server.respond(() => answer);
    const error: unknown = await open()
      .workspace()
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, where: expect.stringContaining(where) });
    expect(String(error)).not.toContain('planted');
  });

  it('a host that nobody answers at', async () => {
    await expect(open({ endpoint: new URL('http://127.0.0.1:1') }).workspace()).rejects.toMatchObject({
      code: 'segment_api_unreachable',
      where: '127.0.0.1:1, ECONNREFUSED',
    });
  });

  it('a source that is not there', async () => {
    await expect(open().source('gone')).rejects.toMatchObject({
      code: 'segment_source_unknown',
      where: 'source gone',
    });
  });

  it.each(['', ' sgp_planted', '"sgp_planted"', 'Bearer sgp_planted', 'sgp_pl\nanted'])(
    'a token that was pasted as %j is not sent',
    (token) => {
      const before = server.requests().length;
      expect(() => open({ token })).toThrow(
        expect.objectContaining({ code: 'segment_credential_malformed' }),
      );
      expect(server.requests()).toHaveLength(before);
    },
  );

  it('429: a short wait is waited for', async () => {
    let refused = 0;
    server.respond(() => (refused++ === 0 ? tooManyRequests(1000) : undefined));
    const began = Date.now();
    expect(await open().workspace()).toMatchObject({ slug: 'acme' });
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
  });

  it('429: a long one is said', async () => {
    server.respond(() => tooManyRequests(61_000));
    await expect(open().workspace()).rejects.toMatchObject({
      code: 'segment_api_throttled',
      where: expect.stringContaining('wait 61 s'),
    });
  });
});
