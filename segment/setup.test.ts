import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPublicApi, tooManyRequests } from '../test/standins/segment-public-api/public-api-server.ts';
import { exploreCredential, type SetupOptions } from './setup.ts';

const KEY = 'K'.repeat(32);
const sources = [
  { id: 'id-web', slug: 'website', categories: ['Website'], writeKeys: ['W'.repeat(32)] },
  { id: 'id-users', slug: 'users', name: 'Users', writeKeys: [KEY] },
  { id: 'id-audit', slug: 'audit', writeKeys: ['A'.repeat(32)] },
];
const us = await startPublicApi({
  slug: 'acme',
  tokens: [{ token: 'sgp_us', admin: ['id-users'] }],
  sources,
});
const eu = await startPublicApi({ slug: 'acme-eu', tokens: [{ token: 'old-token', admin: 'all' }], sources });
const settings = createServer((incoming, answer) => {
  answer.writeHead(incoming.url === `/v1/projects/${KEY}/settings` ? 200 : 404).end('{}');
});
await new Promise<void>((resolve) => settings.listen(0, '127.0.0.1', resolve));
const settingsUrl = `http://127.0.0.1:${(settings.address() as AddressInfo).port}`;
afterAll(async () => {
  settings.closeAllConnections();
  await Promise.all([us.close(), eu.close(), new Promise((resolve) => settings.close(resolve))]);
});
beforeEach(() => {
  us.respond(null);
  eu.respond(null);
});

const hosts = { us: us.url, eu: eu.url };
const explore = (pasted: string, options: Partial<SetupOptions> = {}) =>
  exploreCredential(pasted, {
    hosts,
    allowedEndpoints: Object.values(hosts),
    settingsUrl,
    timeoutMs: 500,
    ...options,
  });

describe('what was pasted', () => {
  it('is a token: its region is found, and its sources with what it may read', async () => {
    expect(await explore('sgp_us')).toMatchObject({
      kind: 'token',
      region: 'us',
      workspace: { slug: 'acme' },
      sources: [
        { slug: 'audit', readable: false, server: true },
        { slug: 'users', name: 'Users', readable: true, server: true },
        { slug: 'website', readable: false, server: false },
      ],
    });
  });

  it('is a token of the other region, also when it does not look like one', async () => {
    expect(await explore('old-token')).toMatchObject({ kind: 'token', region: 'eu' });
  });

  it('is a write key, and is not sent to the Public API', async () => {
    const before = us.requests().length;
    expect(await explore(KEY)).toEqual({ kind: 'writeKey', warning: null });
    expect(await explore('X'.repeat(32))).toEqual({
      kind: 'writeKey',
      warning: expect.stringContaining('not known'),
    });
    expect(us.requests()).toHaveLength(before);
  });

  it.each(['', ' sgp_us', "'sgp_us'", '"sgp_us"', 'Bearer sgp_us'])('is malformed: %j', async (pasted) => {
    await expect(explore(pasted)).rejects.toMatchObject({ code: 'segment_credential_malformed' });
  });

  it('is a write key, and a token was asked for', async () => {
    await expect(explore(KEY, { kind: 'token' })).rejects.toMatchObject({
      code: 'segment_token_refused',
      action: expect.stringContaining('--write-key-stdin'),
    });
  });

  it('is a token, and a write key was asked for: it goes nowhere', async () => {
    const before = us.requests().length;
    await expect(explore('sgp_us', { kind: 'writeKey' })).rejects.toMatchObject({
      code: 'segment_credential_malformed',
      where: 'writeKey: a token of the Public API',
      action: expect.stringContaining('--token-stdin'),
    });
    expect(us.requests()).toHaveLength(before);
  });

  it('is a token that may not list sources', async () => {
    us.respond((path) => (path === '/sources' ? { status: 401, body: { errors: [] } } : undefined));
    await expect(explore('sgp_us')).rejects.toMatchObject({
      code: 'segment_token_permission',
      where: expect.stringContaining('workspace acme'),
    });
  });

  it('is a token that no region knows', async () => {
    await expect(explore('sgp_wrong')).rejects.toMatchObject({ code: 'segment_token_refused' });
  });

  it('is a token, perhaps: the region that could not be asked explains more than the one that said no', async () => {
    eu.respond(() => null);
    await expect(explore('sgp_wrong')).rejects.toMatchObject({ code: 'segment_api_unreachable' });
    eu.respond(() => tooManyRequests(60_000));
    await expect(explore('sgp_wrong')).rejects.toMatchObject({ code: 'segment_api_throttled' });
  });
});
