import { describe, expect, it } from '@jest/globals';
import { checkWriteKey } from '../../segment/check.ts';
import {
  get,
  identify,
  ok,
  post,
  receiversForTests,
  sendBatch,
} from '../../test/support/send-to-receiver.ts';
import type { Receiver } from './receiver.ts';

const receiving = receiversForTests();
const writeKey = 'k'.repeat(32);
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('the receiver', () => {
  it.each([
    ['in the body', { writeKey }, {}],
    ['in Basic', {}, basic(`${writeKey}:`)],
    ['in Basic, without a colon', {}, basic(writeKey)],
    ['in both', { writeKey }, basic(`${writeKey}:`)],
    ['in the body, beside a token', { writeKey }, { authorization: 'Bearer token' }],
  ])('takes the write key %s', async (_, inBody, headers) => {
    const receiver = await receiving({ writeKeys: [writeKey] });
    const request = { batch: [identify()], ...inBody };
    expect(await post(receiver, '/v1/batch', request, headers)).toMatchObject(ok);
    expect(receiver.counts()).toMatchObject({ accepted: 1, dropped: {} });
  });

  it('says nothing of a key that it does not know, and drops its events', async () => {
    const receiver = await receiving({ writeKeys: [writeKey] });
    expect(await sendBatch(receiver, [identify(), identify()], { writeKey: 'wrong' })).toMatchObject(ok);
    expect(receiver.events()).toEqual([]);
    expect(receiver.counts()).toMatchObject({ accepted: 0, dropped: { project_not_found: 2 } });
  });

  it('tells at the settings which keys it knows, as Segment does', async () => {
    const receiver = await receiving({ writeKeys: [writeKey, 'a/b'] });
    expect(await get(receiver, `/v1/projects/${writeKey}/settings`)).toMatchObject({ status: 200 });
    expect(await get(receiver, '/v1/projects/a%2Fb/settings')).toMatchObject({ status: 200 });
    expect(await get(receiver, '/v1/projects/wrong/settings')).toMatchObject({ status: 404 });
    expect(await get(await receiving(), '/v1/projects/any/settings')).toMatchObject({ status: 200 });
  });

  it('satisfies the check of a connection', async () => {
    const receiver: Receiver = await receiving({ writeKeys: [writeKey] });
    const check = (key: string) =>
      checkWriteKey({ writeKey: key, region: 'us', trackingUrl: receiver.url, settingsUrl: receiver.url });
    expect(await check(writeKey)).toEqual({ warnings: [] });
    expect((await check('w'.repeat(32))).warnings).toHaveLength(1);
  });
});
