import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { get, identify, post, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';

const receiving = receiversForTests();
const EVIL = `"><script>alert('&')</script>`;
const SAFE = '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;';

describe('the page of the receiver', () => {
  it('says what it is and where to send to', async () => {
    const receiver = await receiving();
    const { status, headers, body } = await get(receiver, '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('This is not Segment');
    expect(body).toContain(`curl ${receiver.url}/v1/identify`);
    expect(body).not.toMatch(/(src|href)="?(https?:)?\/\//);
  });

  it('shows what arrived and what was dropped', async () => {
    const receiver = await receiving();
    await sendBatch(receiver, [
      identify({ userId: 'u-1', traits: { plan: 'pro', seats: 7 } }),
      identify({ userId: 7 }),
    ]);
    await post(receiver, '/v1/batch', 'no JSON');
    const { body } = await get(receiver, '/');
    expect(body).toContain('u-1');
    expect(body).toContain('&quot;pro&quot;');
    expect(body).toContain('id_not_string');
    expect(body).toContain('HTTP 400');
  });

  it('shows the 50 newest users, the newest one first', async () => {
    const receiver = await receiving();
    const ids = Array.from({ length: 60 }, (_, user) => `user-${user}.`);
    await sendBatch(
      receiver,
      [...ids, 'user-3.'].map((userId) => identify({ userId })),
    );
    const { body } = await get(receiver, '/');
    const shown = [...body.matchAll(/<bdi>(user-\d+\.)<\/bdi>/g)].map(([, id]) => id);
    expect(shown).toEqual(['user-3.', ...ids.slice(11).reverse()]);
    expect(body).toContain('The newest 50 of 60 users');
  });

  it('finds any user by its id', async () => {
    const receiver = await receiving();
    const traits = { plan: 'pro', removed: null };
    await sendBatch(receiver, [identify({ userId: 'a/b ü?', traits })]);
    const path = encodeURIComponent('a/b ü?');
    expect((await get(receiver, `/?user=${path}`)).body).toContain('&quot;removed&quot;: null');
    expect((await get(receiver, '/?user=nobody')).body).toContain('No identify of');
    const found = await get(receiver, `/users/${path}.json`);
    expect(JSON.parse(found.body)).toEqual({ id: 'a/b ü?', traits, identifies: 1 });
    expect(await get(receiver, '/users/nobody.json')).toMatchObject({ status: 404 });
  });

  it('escapes everything that came from outside, and lets no other script run', async () => {
    const receiver = await receiving();
    await sendBatch(receiver, [identify({ userId: EVIL, traits: { [EVIL]: { [EVIL]: EVIL } } })]);
    for (const path of [
      '/',
      `/?user=${encodeURIComponent(EVIL)}`,
      `/?user=${encodeURIComponent(`${EVIL}x`)}`,
    ]) {
      const { headers, body } = await get(receiver, path);
      expect(body).not.toContain('<script>');
      expect(body).toContain(SAFE);
      expect(body.match(/<script/g)).toHaveLength(1);
      const [, script = ''] = /<script[^>]*>([^]*)<\/script>/.exec(body) ?? [];
      const hash = createHash('sha256').update(script).digest('base64');
      expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}';`);
    }
  });

  it('shows users that no address can hold', async () => {
    const receiver = await receiving();
    await sendBatch(receiver, [identify({ userId: '\ud800', traits: { deep: 'x'.repeat(5_000) } })]);
    const { status, body } = await get(receiver, '/');
    expect(status).toBe(200);
    expect(body).not.toContain('x'.repeat(200));
  });

  it('is refreshed by a state that stays small', async () => {
    const receiver = await receiving();
    await sendBatch(receiver, [identify({ traits: { t: 'x'.repeat(30_000) } })]);
    const { body } = await get(receiver, '/state.json');
    expect(JSON.parse(body)).toEqual({
      url: receiver.url,
      store: 'events',
      counts: receiver.counts(),
      users: 1,
    });
    expect(body.length).toBeLessThan(1_000);
  });
});
