import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  get,
  identify,
  ok,
  post,
  receiversForTests,
  sendBatch,
} from '../../test/support/send-to-receiver.ts';
import { countEvents } from './count-events.ts';

const receiving = receiversForTests();

describe('a receiver that only counts', () => {
  it('counts the events and keeps none', async () => {
    const receiver = await receiving({ store: 'counts' });
    expect(await sendBatch(receiver, [identify(), identify(), identify()])).toMatchObject(ok);
    expect(await post(receiver, '/v1/identify', { ...identify(), writeKey: 'k' })).toMatchObject(ok);
    expect(receiver.counts()).toMatchObject({ requests: 2, received: 4, accepted: 4 });
    expect([receiver.events(), receiver.users().size]).toEqual([[], 0]);
    expect(await get(receiver, '/')).toMatchObject({
      status: 200,
      body: expect.stringContaining('keeps none'),
    });
  });

  it('still keeps to the limits of a request', async () => {
    const receiver = await receiving({ store: 'counts', writeKeys: ['k'], eventsPerSecond: 2_501 });
    const many = Array.from({ length: 2_501 }, () => identify());
    expect(await post(receiver, '/v1/batch', 'a'.repeat(500_001))).toMatchObject({ status: 400 });
    expect(await post(receiver, '/v1/batch', '{}', { 'content-type': 'text/plain' })).toMatchObject({
      status: 400,
    });
    expect(await sendBatch(receiver, [identify()], { writeKey: '' })).toMatchObject({ status: 400 });
    expect(await sendBatch(receiver, [identify()], { writeKey: 'wrong' })).toMatchObject(ok);
    expect(await sendBatch(receiver, many)).toMatchObject(ok);
    expect(await sendBatch(receiver, many)).toMatchObject(ok);
    expect(await sendBatch(receiver, many)).toMatchObject({ status: 429 });
    expect(receiver.counts()).toMatchObject({
      accepted: 0,
      dropped: { project_not_found: 1, too_many_events: 5_002 },
    });
  });

  it('has faults too', async () => {
    const receiver = await receiving({ store: 'counts' });
    const [first, second] = [identify(), identify()];
    receiver.respond(({ messageIds, events }) =>
      events === 2 && messageIds[1] === second.messageId ? { status: 500 } : 'accept',
    );
    expect(await sendBatch(receiver, [first, second])).toMatchObject({ status: 500 });
    expect(await sendBatch(receiver, [second])).toMatchObject(ok);
    expect(receiver.counts()).toMatchObject({ received: 3, accepted: 1, refused: 2 });
  });
});

describe('countEvents', () => {
  it('is right for any events that have a messageId and no other key of that name', () => {
    const traits = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('"messageId":', '\\"messageId":', 'messageid')),
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('"messageId":"x"', '","messageId":', '\\')),
    );
    const isCountable = (each: object) => !JSON.stringify(each).includes('"messageId":');
    fc.assert(
      fc.property(fc.array(traits.filter(isCountable), { maxLength: 20 }), (rows) => {
        const batch = rows.map((row) => identify({ traits: row }));
        expect(countEvents(Buffer.from(JSON.stringify({ batch, writeKey: 'k' })))).toBe(rows.length);
      }),
    );
  });
});
