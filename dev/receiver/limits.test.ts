import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { identify, ok, post, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';
import { MAX_BATCH_EVENTS, MAX_EVENT_BYTES, MAX_REQUEST_BYTES } from './limits.ts';

const receiving = receiversForTests();

/** An identify of so many bytes of JSON. */
function eventOf(bytes: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  const event = identify({ ...fields, traits: { t: '' } });
  return { ...event, traits: { t: 'a'.repeat(bytes - Buffer.byteLength(JSON.stringify(event))) } };
}

/** A request of so many bytes. */
function requestOf(bytes: number): string {
  const batch = Array.from({ length: 19 }, () => eventOf(25_000));
  const short = JSON.stringify({ batch, writeKey: 'k', padding: '' });
  return JSON.stringify({ batch, writeKey: 'k', padding: 'a'.repeat(bytes - Buffer.byteLength(short)) });
}

describe('the receiver', () => {
  it('takes a request of 500 KB, and refuses one that is a byte longer', async () => {
    const receiver = await receiving();
    expect(await post(receiver, '/v1/batch', requestOf(MAX_REQUEST_BYTES))).toMatchObject(ok);
    expect(await post(receiver, '/v1/batch', requestOf(MAX_REQUEST_BYTES + 1))).toMatchObject({
      status: 400,
    });
    expect(receiver.counts()).toMatchObject({ accepted: 19, requestsByStatus: { 200: 1, 400: 1 } });
    expect(receiver.requests().map(({ bytes }) => bytes)).toEqual([MAX_REQUEST_BYTES, MAX_REQUEST_BYTES + 1]);
  });

  it('answers a request that is far too long only when it has all of it', async () => {
    const receiver = await receiving();
    const body = 'a'.repeat(20_000_000);
    expect(await post(receiver, '/v1/batch', body)).toMatchObject({ status: 400 });
    expect(receiver.requests()).toMatchObject([{ bytes: 20_000_000, events: 0, status: 400 }]);
  });

  it('takes the length of a request as it is unzipped', async () => {
    const receiver = await receiving();
    const zipped = { 'content-encoding': 'gzip' };
    expect(await post(receiver, '/v1/batch', gzipSync(requestOf(MAX_REQUEST_BYTES)), zipped)).toMatchObject(
      ok,
    );
    const answer = await post(receiver, '/v1/batch', gzipSync(requestOf(MAX_REQUEST_BYTES + 1)), zipped);
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('longer than 500000 bytes') });
    expect(receiver.counts().accepted).toBe(19);
  });

  it('takes an event of 32 KB, and refuses the whole batch of one that is a byte longer', async () => {
    const receiver = await receiving();
    const sent = [identify(), eventOf(MAX_EVENT_BYTES)];
    expect(await sendBatch(receiver, sent)).toMatchObject(ok);
    expect(await sendBatch(receiver, [identify(), eventOf(MAX_EVENT_BYTES + 1)])).toMatchObject({
      status: 400,
    });
    expect(receiver.events()).toEqual(sent);
    expect(receiver.counts()).toMatchObject({ received: 4, accepted: 2, refused: 2 });
  });

  it('counts bytes, not characters', async () => {
    const receiver = await receiving();
    const event = identify({ traits: { t: '山'.repeat(MAX_EVENT_BYTES / 3) } });
    expect(await sendBatch(receiver, [event])).toMatchObject({ status: 400 });
  });

  it('refuses a call of its own that is longer than 32 KB', async () => {
    const receiver = await receiving();
    const call = { ...eventOf(MAX_EVENT_BYTES - 100), writeKey: 'k' };
    expect(await post(receiver, '/v1/identify', call)).toMatchObject(ok);
    const longer = { ...eventOf(MAX_EVENT_BYTES), writeKey: 'k' };
    expect(await post(receiver, '/v1/identify', longer)).toMatchObject({ status: 400 });
  });

  it('answers 200 to more than 2,500 events and drops them all', async () => {
    const receiver = await receiving();
    const batch = Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => identify());
    expect(await sendBatch(receiver, batch)).toMatchObject(ok);
    expect(receiver.counts()).toMatchObject({ accepted: 0, dropped: { too_many_events: 2_501 } });
    expect(await sendBatch(receiver, batch.slice(1))).toMatchObject(ok);
    expect(receiver.counts()).toMatchObject({ accepted: 2_500 });
  });

  it.each<[string, string | Buffer | object, Record<string, string>]>([
    ['is no JSON', '{"batch":[', {}],
    ['is empty', '', {}],
    ['is no object', '[]', {}],
    ['is null', 'null', {}],
    ['says that it is text', { batch: [identify()], writeKey: 'k' }, { 'content-type': 'text/plain' }],
    ['does not say what it is', { batch: [identify()], writeKey: 'k' }, { 'content-type': '' }],
    ['has no write key', { batch: [identify()] }, {}],
    ['is no gzip', 'plain', { 'content-encoding': 'gzip' }],
    ['is zipped in another way', 'plain', { 'content-encoding': 'br' }],
  ])('refuses a request that %s', async (_, body, headers) => {
    const receiver = await receiving();
    const answer = await post(receiver, '/v1/batch', body, headers);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ success: false, message: expect.any(String) });
    expect(receiver.counts()).toMatchObject({ requests: 1, requestsByStatus: { 400: 1 }, accepted: 0 });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON'])('takes %s', async (type) => {
    const receiver = await receiving();
    const request = { batch: [identify()], writeKey: 'k' };
    expect(await post(receiver, '/v1/batch', request, { 'content-type': type })).toMatchObject(ok);
    expect(receiver.counts().accepted).toBe(1);
  });

  it.each([{ batch: [] }, {}, { batch: { type: 'identify' } }])(
    'drops the empty batch %j',
    async (request) => {
      const receiver = await receiving();
      expect(await post(receiver, '/v1/batch', { ...request, writeKey: 'k' })).toMatchObject(ok);
      expect(receiver.counts()).toMatchObject({ received: 0, refused: 0, dropped: { empty_batch: 1 } });
    },
  );
});
