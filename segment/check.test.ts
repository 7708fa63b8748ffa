import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkWriteKey } from './check.ts';

const writeKey = 'K'.repeat(32);
const servers: Server[] = [];

/** Answers every GET with the status; null is no answer at all. */
async function answering(status: number | null): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((incoming, answer) => {
    paths.push(incoming.url ?? '');
    if (status !== null) answer.writeHead(status, { location: '/elsewhere' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

const closed = (server: Server): Promise<unknown> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map(closed));
});

const check = (url: string, key = writeKey) =>
  checkWriteKey({ writeKey: key, region: 'us', trackingUrl: url, settingsUrl: url }, { timeoutMs: 500 });

describe('checkWriteKey', () => {
  it('says nothing of a key that the settings endpoint knows', async () => {
    const { url, paths } = await answering(200);
    expect(await check(url)).toEqual({ warnings: [] });
    expect(paths).toEqual([`/v1/projects/${writeKey}/settings`]);
  });

  it('warns of a key that is not known there', async () => {
    const { url } = await answering(404);
    expect(await check(url)).toEqual({ warnings: [expect.stringContaining('not known to')] });
  });

  it.each([302, 403, 500, 503, null])(
    'warns that it could not check when the answer is %s',
    async (status) => {
      const { url } = await answering(status);
      expect(await check(url)).toEqual({
        warnings: [expect.stringContaining('Could not check the write key')],
      });
    },
  );

  it('warns of a key that is not as long as those of Segment', async () => {
    const { url } = await answering(200);
    expect(await check(url, 'short')).toEqual({ warnings: [expect.stringContaining('32 characters')] });
  });

  it('refuses a token in the place of the key: Segment would take its events and lose them', async () => {
    const { url, paths } = await answering(200);
    await expect(check(url, 'sgp_planted')).rejects.toMatchObject({ code: 'segment_credential_malformed' });
    expect(paths).toEqual([]);
  });

  it('asks for no settings when only the tracking host is set', async () => {
    const { url, paths } = await answering(404);
    expect(await checkWriteKey({ writeKey, region: 'us', trackingUrl: url })).toEqual({ warnings: [] });
    expect(paths).toEqual([]);
  });

  it('never shows the key', async () => {
    for (const status of [404, 500, null]) {
      const { url } = await answering(status);
      expect(JSON.stringify(await check(url, 'secret-key'))).not.toContain('secret-key');
    }
  });

  it.each(['', '  '])('refuses the empty key %j before it connects', async (key) => {
    await expect(check('http://127.0.0.1:1', key)).rejects.toMatchObject({ code: 'write_key_empty' });
  });

  it('fails, to be tried again, when the tracking host cannot be reached', async () => {
    const { url } = await answering(200);
    await Promise.all(servers.splice(0).map(closed));
    await expect(check(url)).rejects.toMatchObject({
      code: 'segment_unreachable',
      where: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
