import { describe, expect, it } from '@jest/globals';
import { MockAgent, type Dispatcher } from 'undici';
import { keptResult } from './kept-result.ts';

const ACCOUNT = 'https://a-b.snowflakecomputing.com';
const STORAGE = 'https://storage.example.com';
const answer = {
  success: true,
  data: { rowtype: [], total: 1, chunks: [{ url: `${STORAGE}/chunk`, rowCount: 1 }] },
};
const path = '/queries/q/result';

function mocked(prepare: (agent: MockAgent) => void): Dispatcher {
  const agent = new MockAgent();
  agent.disableNetConnect();
  prepare(agent);
  return agent;
}

async function read(dispatcher: Dispatcher): Promise<unknown[]> {
  const { signal } = new AbortController();
  const withToken = <T>(ask: (token: string) => Promise<T>): Promise<T> => ask('token');
  const { parts } = await keptResult('q', { url: ACCOUNT, dispatcher, signal, withToken });
  const rows: unknown[] = [];
  for (const part of parts) for await (const block of part.blocks(signal)) rows.push(...block);
  return rows;
}

const chunked = (prepare: (agent: MockAgent) => void): Dispatcher =>
  mocked((agent) => {
    agent.get(ACCOUNT).intercept({ path }).reply(200, answer);
    prepare(agent);
  });

describe('snowflake: a kept result', () => {
  it('is read from its storage', async () => {
    const dispatcher = chunked((agent) => {
      agent.get(STORAGE).intercept({ path: '/chunk' }).reply(200, '["1",null]');
    });
    expect(await read(dispatcher)).toEqual([['1', null]]);
  });

  it('is asked for again when its storage says an error as if it were well', async () => {
    const dispatcher = chunked((agent) => {
      const headers = { 'content-type': 'application/xml' };
      agent.get(STORAGE).intercept({ path: '/chunk' }).reply(200, '<Error/>', { headers });
    });
    await expect(read(dispatcher)).rejects.toMatchObject({ code: 'source_interrupted' });
  });

  it('names a storage that cannot be found, which may be so for a while only', async () => {
    const dispatcher = chunked((agent) => {
      const unknown = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
      agent.get(STORAGE).intercept({ path: '/chunk' }).replyWithError(unknown);
    });
    await expect(read(dispatcher)).rejects.toMatchObject({
      code: 'source_unreachable',
      where: 'the storage of results, storage.example.com',
    });
  });

  it.each([404, 410])('is gone where Snowflake answers %d', async (status) => {
    const dispatcher = mocked((agent) => {
      agent.get(ACCOUNT).intercept({ path }).reply(status, '');
    });
    await expect(read(dispatcher)).rejects.toMatchObject({ code: '000710' });
  });
});
