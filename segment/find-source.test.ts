import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPublicApi, tooManyRequests } from '../test/standins/segment-public-api/public-api-server.ts';
import { findSource, type TokenAccess } from './find-source.ts';

const sources = [
  { id: 'id-users', slug: 'users', writeKeys: ['U'.repeat(32), 'V'.repeat(32)] },
  { id: 'id-web', slug: 'website', writeKeys: ['W'.repeat(32)] },
  { id: 'id-off', slug: 'switched_off', enabled: false, writeKeys: ['O'.repeat(32)] },
];
const us = await startPublicApi({
  slug: 'acme',
  tokens: [{ token: 'sgp_us', admin: ['id-users', 'id-off'] }],
  sources,
});
const eu = await startPublicApi({
  slug: 'acme-eu',
  tokens: [{ token: 'sgp_eu', admin: 'all' }],
  sources,
});
afterAll(() => Promise.all([us.close(), eu.close()]));
beforeEach(() => us.respond(null));

const hosts = { us: us.url, eu: eu.url };
const find = (access: Partial<TokenAccess> = {}) =>
  findSource(
    'segment',
    { token: 'sgp_us', source: 'users', region: 'us', ...access },
    { allowedEndpoints: Object.values(hosts), hosts, timeoutMs: 500 },
  );

describe('the source of a token', () => {
  it.each(['users', 'id-users'])('is found by %s, with its first write key', async (source) => {
    expect(await find({ source })).toMatchObject({ source: { id: 'id-users' }, writeKey: 'U'.repeat(32) });
  });

  it.each<[string, Partial<TokenAccess>, string, string]>([
    ['token wrong', { token: 'sgp_wrong' }, 'segment_token_refused', 'HTTP 401'],
    ['token pasted with quotes', { token: '"sgp_us"' }, 'segment_credential_malformed', 'token'],
    ['token without permission', { source: 'website' }, 'segment_token_permission', 'source website'],
    ['source unknown', { source: 'nothing' }, 'segment_source_unknown', 'source nothing'],
    ['source disabled', { source: 'switched_off' }, 'segment_source_disabled', 'source switched_off'],
    ['region wrong', { token: 'sgp_eu' }, 'segment_region_wrong', 'region is us, the workspace is in eu'],
    [
      'region wrong, the other way',
      { region: 'eu' },
      'segment_region_wrong',
      'region is eu, the workspace is in us',
    ],
    ['host unreachable', { publicApiUrl: us.url.replace(/\d+$/, '1') }, 'source_endpoint_refused', ':1'],
  ])('%s: is told from the others', async (_, access, code, where) => {
    await expect(find(access)).rejects.toMatchObject({ code, where: expect.stringContaining(where) });
  });

  it('a token that may not list the sources is told from one that is wrong', async () => {
    us.respond((path) => (path === '/sources' ? { status: 403, body: { errors: [] } } : undefined));
    const expected = { code: 'segment_token_permission', where: expect.stringContaining('may not list') };
    await expect(find()).rejects.toMatchObject(expected);
    await expect(find({ publicApiUrl: us.url })).rejects.toMatchObject(expected);
  });

  it('names the slug that was probably meant', async () => {
    await expect(find({ source: 'user' })).rejects.toMatchObject({
      code: 'segment_source_unknown',
      action: expect.stringMatching(/^Did you mean "users"\?/),
    });
  });

  it('rate limited, and silent', async () => {
    us.respond(() => tooManyRequests(90_000));
    await expect(find()).rejects.toMatchObject({ code: 'segment_api_throttled' });
    us.respond(() => null);
    await expect(find()).rejects.toMatchObject({ code: 'segment_api_unreachable' });
  });

  it('sends the token to no host that the operator does not allow', async () => {
    const before = us.requests().length;
    const access = { token: 'sgp_us', source: 'users', region: 'us', publicApiUrl: us.url } as const;
    await expect(findSource('segment', access, { allowedEndpoints: [] })).rejects.toMatchObject({
      code: 'source_endpoint_refused',
      where: `connection segment, publicApiUrl: ${us.url}`,
    });
    expect(us.requests()).toHaveLength(before);
  });
});
