import { describe, expect, it } from '@jest/globals';
import { identify, post, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';

const receiving = receiversForTests();

describe('the users of the receiver', () => {
  it('have the traits of all their identifies, the later ones over the earlier ones', async () => {
    const receiver = await receiving();
    const user = (traits?: object) => identify({ userId: 'u', traits });
    await sendBatch(receiver, [user({ plan: 'free', seats: 1, since: 2020 }), user()]);
    await sendBatch(receiver, [user({ plan: 'pro', since: null })]);
    await sendBatch(receiver, [
      identify({ userId: 'u', type: 'group', groupId: 'g', traits: { plan: 'no' } }),
    ]);
    expect([...receiver.users()]).toEqual([
      ['u', { traits: { plan: 'pro', seats: 1, since: null }, identifies: 3 }],
    ]);
  });

  it('are known by their anonymousId when there is no other', async () => {
    const receiver = await receiving();
    await sendBatch(receiver, [
      identify({ userId: null, anonymousId: 'a', traits: { n: 1 } }),
      identify({ userId: 'u', anonymousId: 'a', traits: { n: 2 } }),
    ]);
    expect(receiver.users().get('a')?.traits).toEqual({ n: 1 });
    expect(receiver.users().get('u')?.traits).toEqual({ n: 2 });
  });

  it('keep a trait whatever its name is', async () => {
    const receiver = await receiving();
    const body = '{"writeKey":"k","batch":[{"type":"identify","userId":"u","traits":{"__proto__":{"x":1}}}]}';
    await post(receiver, '/v1/batch', body);
    expect(JSON.stringify(receiver.users().get('u')?.traits)).toBe('{"__proto__":{"x":1}}');
  });
});
