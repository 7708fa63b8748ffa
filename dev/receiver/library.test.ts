import { describe, expect, it } from '@jest/globals';
import { Analytics } from '@segment/analytics-node';
import { receiversForTests } from '../../test/support/send-to-receiver.ts';

const receiving = receiversForTests();

describe("Segment's own library", () => {
  it('gets every kind of call to the receiver', async () => {
    const receiver = await receiving({ writeKeys: ['k'] });
    const analytics = new Analytics({ writeKey: 'k', host: receiver.url, flushAt: 4 });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));
    analytics.identify({ userId: 'u', traits: { plan: 'pro' } });
    analytics.track({ userId: 'u', event: 'Bought', properties: { price: 1.5 } });
    analytics.group({ userId: 'u', groupId: 'g', traits: { name: 'Initech' } });
    analytics.page({ anonymousId: 'a', name: 'Home' });
    analytics.screen({ anonymousId: 'a' });
    analytics.alias({ userId: 'u', previousId: 'a' });
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    expect(receiver.events()).toMatchObject([
      { type: 'identify', userId: 'u', traits: { plan: 'pro' } },
      { type: 'track', userId: 'u', event: 'Bought', properties: { price: 1.5 } },
      { type: 'group', userId: 'u', groupId: 'g', traits: { name: 'Initech' } },
      { type: 'page', anonymousId: 'a', name: 'Home' },
      { type: 'screen', anonymousId: 'a' },
      { type: 'alias', userId: 'u', previousId: 'a' },
    ]);
    expect(receiver.counts()).toMatchObject({ requests: 2, received: 6, accepted: 6, dropped: {} });
  });

  it('sends again what it got no answer to, and it arrives once', async () => {
    const receiver = await receiving();
    const faults = (['accept-then-reset'] as const).values();
    receiver.respond(() => faults.next().value ?? 'accept');
    const analytics = new Analytics({ writeKey: 'k', host: receiver.url, flushAt: 20 });
    const users = Array.from({ length: 20 }, (_, user) => `u-${user}`);
    for (const userId of users) analytics.identify({ userId });
    await analytics.closeAndFlush();
    expect(receiver.events().map(({ userId }) => userId)).toEqual(users);
    expect(receiver.counts()).toMatchObject({ requests: 2, accepted: 20, duplicates: 20, refused: 0 });
  });
});
