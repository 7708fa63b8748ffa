import { describe, expect, it } from '@jest/globals';
import { identify, ok, post, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';
import type { AskedRequest } from './respond.ts';

const receiving = receiversForTests();

describe('a fault of the receiver', () => {
  it('is decided by what was sent', async () => {
    const receiver = await receiving();
    const asked: AskedRequest[] = [];
    receiver.respond((request) => {
      asked.push(request);
      return 'accept';
    });
    const [first, second] = [identify(), identify()];
    await sendBatch(receiver, [first, { type: 'identify' }, second]);
    await post(receiver, '/v1/track', 'no JSON');
    const body = JSON.stringify({ batch: [first, { type: 'identify' }, second], writeKey: 'k' });
    expect(asked).toMatchObject([
      { path: '/v1/batch', body, messageIds: [first.messageId, second.messageId], events: 3 },
      { path: '/v1/track', body: 'no JSON', messageIds: [], events: 0 },
    ]);
    expect(asked[0]?.headers['content-type']).toBe('application/json');
    expect(receiver.counts().requestsByStatus).toEqual({ 200: 1, 400: 1 });
  });

  it('breaks the connection before anything is taken', async () => {
    const receiver = await receiving();
    receiver.respond(() => 'reset');
    await expect(sendBatch(receiver, [identify()])).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(receiver.events()).toEqual([]);
    expect(receiver.requests()).toMatchObject([{ status: 'reset', events: 1, accepted: 0 }]);
    expect(receiver.counts()).toMatchObject({ requestsByStatus: { reset: 1 }, refused: 1 });
  });

  it('breaks the connection after everything is taken', async () => {
    const receiver = await receiving();
    receiver.respond(() => Promise.resolve('accept-then-reset'));
    const event = identify();
    await expect(sendBatch(receiver, [event])).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(receiver.events()).toEqual([event]);
    expect(receiver.counts()).toMatchObject({ requestsByStatus: { reset: 1 }, accepted: 1, refused: 0 });
  });

  it('answers a status and takes nothing', async () => {
    const receiver = await receiving();
    receiver.respond(() => ({ status: 503, headers: { 'retry-after': '7' }, body: 'busy' }));
    expect(await sendBatch(receiver, [identify()])).toMatchObject({
      status: 503,
      headers: { 'retry-after': '7' },
      body: 'busy',
    });
    expect(receiver.counts()).toMatchObject({ accepted: 0, refused: 1 });
  });

  it.each([{ status: 200, body: '{"success":false}' }, { body: '{"success":false}' }])(
    'answers 200 with a body of its own and takes nothing: %j',
    async (answer) => {
      const receiver = await receiving();
      receiver.respond(() => answer);
      expect(await sendBatch(receiver, [identify()])).toMatchObject({ status: 200, body: answer.body });
      expect(receiver.counts()).toMatchObject({ accepted: 0, refused: 1 });
    },
  );

  it('answers late, and has taken everything then', async () => {
    const receiver = await receiving();
    receiver.respond(() => ({ delayMs: 50 }));
    const before = performance.now();
    expect(await sendBatch(receiver, [identify()])).toMatchObject(ok);
    expect(performance.now() - before).toBeGreaterThanOrEqual(49);
    expect(receiver.counts().accepted).toBe(1);
  });

  it('ends when it is taken back', async () => {
    const receiver = await receiving();
    receiver.respond(() => ({ status: 500 }));
    await sendBatch(receiver, [identify()]);
    receiver.respond(null);
    expect(await sendBatch(receiver, [identify()])).toMatchObject(ok);
  });

  it('that goes wrong itself is answered 500, with the reason', async () => {
    const receiver = await receiving();
    receiver.respond(() => {
      throw new Error('no such batch');
    });
    expect(await sendBatch(receiver, [identify()])).toMatchObject({
      status: 500,
      body: expect.stringContaining('no such batch'),
    });
  });
});
