import { describe, expect, it } from '@jest/globals';
import { identify, ok, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';
import { DEDUPLICATION_MS } from './limits.ts';

const receiving = receiversForTests();

describe('the receiver', () => {
  it('takes a message once, whatever else is in it and whoever sends it', async () => {
    const receiver = await receiving();
    const event = identify({ traits: { plan: 'free' } });
    const again = { ...event, traits: { plan: 'pro' } };
    await sendBatch(receiver, [event, again]);
    expect(await sendBatch(receiver, [again], { writeKey: 'another' })).toMatchObject(ok);
    expect(receiver.events()).toEqual([event]);
    expect(receiver.counts()).toMatchObject({ received: 3, accepted: 1, duplicates: 2 });
    expect(receiver.users().get(event.userId as string)).toEqual({ traits: { plan: 'free' }, identifies: 1 });
  });

  it('forgets a message after 24 hours', async () => {
    let time = 0;
    const receiver = await receiving({ now: () => new Date(time) });
    const [first, second] = [identify(), identify()];
    await sendBatch(receiver, [first]);
    time = 1;
    await sendBatch(receiver, [second]);
    time = DEDUPLICATION_MS - 1;
    await sendBatch(receiver, [first, second]);
    time = DEDUPLICATION_MS;
    await sendBatch(receiver, [first, second]);
    expect(receiver.events()).toEqual([first, second, first]);
  });

  it('does not remember a message that it did not take', async () => {
    const receiver = await receiving();
    const event = identify();
    await sendBatch(receiver, [{ ...event, userId: 7 }]);
    receiver.respond(() => ({ status: 500 }));
    await sendBatch(receiver, [event]);
    receiver.respond(null);
    await sendBatch(receiver, [event]);
    expect(receiver.events()).toEqual([event]);
  });
});
