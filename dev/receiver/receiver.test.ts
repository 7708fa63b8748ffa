import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  get,
  identify,
  ok,
  post,
  receiversForTests,
  sendBatch,
} from '../../test/support/send-to-receiver.ts';
import { startReceiver } from './receiver.ts';

const receiving = receiversForTests();
const idsOf = (events: readonly { messageId: string }[]): string[] =>
  events.map(({ messageId }) => messageId);

describe('the receiver', () => {
  it('keeps the events of a batch as they were sent, in order of arrival', async () => {
    const receiver = await receiving();
    const sent = [
      identify({ traits: { plan: 'pro', nested: { deep: [1, null] } }, context: { active: false } }),
      identify({
        type: 'track',
        event: 'Bought',
        properties: { price: 1.5 },
        _metadata: { nodeVersion: '20' },
      }),
      identify({ type: 'group', groupId: 'g', traits: { __proto__x: 1, café: '☕' } }),
      identify({ type: 'alias', previousId: 'before' }),
      identify({ type: 'page' }),
      identify({ type: 'screen', name: 'Home', category: null }),
    ];
    expect(await sendBatch(receiver, sent.slice(0, 2))).toMatchObject(ok);
    expect(await sendBatch(receiver, sent.slice(2))).toMatchObject(ok);
    expect(receiver.events()).toEqual(sent);
    expect(receiver.counts()).toEqual({
      requests: 2,
      requestsByStatus: { 200: 2 },
      received: 6,
      accepted: 6,
      duplicates: 0,
      dropped: {},
      refused: 0,
    });
  });

  it.each([
    ['identify', { traits: { plan: 'pro' } }],
    ['track', { event: 'Bought' }],
    ['group', { groupId: 'g' }],
    ['page', { name: 'Home' }],
    ['screen', { name: 'Home' }],
    ['alias', { previousId: 'before' }],
  ])('takes a call of /v1/%s', async (type, fields) => {
    const receiver = await receiving();
    const call = { userId: 'u', messageId: 'm', ...fields };
    expect(await post(receiver, `/v1/${type}`, { ...call, writeKey: 'k' })).toMatchObject(ok);
    expect(receiver.events()).toEqual([{ ...call, type }]);
  });

  it('merges the context and integrations of a batch into those of its events', async () => {
    const receiver = await receiving();
    const [bare, own] = [identify(), identify({ context: { ip: '1' }, integrations: { Mixpanel: true } })];
    await sendBatch(receiver, [bare, own], { context: { ip: '2', app: 'a' }, integrations: { All: false } });
    expect(receiver.events()).toEqual([
      { ...bare, context: { ip: '2', app: 'a' }, integrations: { All: false } },
      { ...own, context: { ip: '1', app: 'a' }, integrations: { All: false, Mixpanel: true } },
    ]);
  });

  it('takes what is gzipped', async () => {
    const receiver = await receiving();
    const body = gzipSync(JSON.stringify({ batch: [identify()], writeKey: 'k' }));
    expect(await post(receiver, '/v1/batch', body, { 'content-encoding': 'gzip' })).toMatchObject(ok);
    expect(receiver.events()).toHaveLength(1);
  });

  it('names a message that has no name, each time that it comes', async () => {
    const receiver = await receiving();
    const nameless = { type: 'identify', userId: 'u' };
    await sendBatch(receiver, [nameless, { ...nameless, messageId: '' }, { ...nameless, messageId: null }]);
    expect(new Set(idsOf(receiver.events())).size).toBe(3);
    expect(idsOf(receiver.events())).not.toContain('');
  });

  it('knows nothing else', async () => {
    const receiver = await receiving();
    for (const path of ['/v1/import', '/v1/batch/x', '/', '/state.json']) {
      expect(await post(receiver, path, {})).toMatchObject({ status: 404 });
    }
    for (const path of [
      '/v1/batch',
      '/nothing',
      '/users/nobody.json',
      '/users/%zz.json',
      '//',
      '/v1/projects//settings',
    ]) {
      expect(await get(receiver, path)).toMatchObject({ status: 404 });
    }
    expect(receiver.counts().requests).toBe(0);
  });

  it('keeps the newest events and requests only, and still counts all', async () => {
    const receiver = await receiving({ retain: 3 });
    const sent = Array.from({ length: 2_000 }, () => identify());
    await sendBatch(receiver, sent);
    expect(receiver.events()).toEqual(sent.slice(-3));
    expect(receiver.counts().accepted).toBe(2_000);
    expect(receiver.users().size).toBe(2_000);
  });

  it('forgets everything', async () => {
    const receiver = await receiving({ eventsPerSecond: 1 });
    const event = identify();
    await sendBatch(receiver, [event, ...Array.from({ length: 9 }, () => identify())]);
    receiver.reset();
    expect([receiver.events(), receiver.requests(), receiver.users().size]).toEqual([[], [], 0]);
    expect(receiver.counts()).toMatchObject({ requests: 0, received: 0, accepted: 0 });
    expect(await sendBatch(receiver, [event])).toMatchObject(ok);
    expect(receiver.events()).toEqual([event]);
  });

  it('breaks what is open when it closes, twice too', async () => {
    const receiver = await receiving();
    let asked: () => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    receiver.respond(() => {
      asked();
      return { delayMs: 60_000 };
    });
    const waiting = sendBatch(receiver, [identify()]).catch((error: unknown) => error);
    const idle = connect(receiver.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const ended = new Promise((resolve) => idle.once('close', resolve));
    await isAsked;
    await Promise.all([receiver.close(), receiver.close()]);
    await ended;
    expect(await waiting).toBeInstanceOf(Error);
    expect(receiver.events()).toEqual([]);
  });

  it('says that a port is taken', async () => {
    const { port } = await receiving();
    await expect(startReceiver({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
