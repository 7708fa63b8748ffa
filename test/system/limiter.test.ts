import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

const RATE = 500;
const ROWS = 2000;

let here: TestInstallation;
beforeAll(async () => {
  here = await openInstallation({
    segment: { eventsPerSecond: RATE, rateLimitGroup: 'shared', client: 'http' },
  });
});
afterAll(() => here.close());

it('two syncs on two workers share the rate of their group: in any time, rate × time and one batch at most', async () => {
  await Promise.all([here.startWorker(), here.startWorker()]);
  await here.define({
    connections: {
      other: {
        type: 'segment',
        writeKey: '${SEGMENT_WRITE_KEY}',
        trackingUrl: here.receiver.url,
        eventsPerSecond: RATE,
        rateLimitGroup: 'shared',
        client: 'http',
      },
    },
  });
  for (const name of ['first', 'second']) {
    await here.warehouse.query(
      `create table ${name} as select '${name}' || g as id, 'A' as plan from generate_series(1, ${ROWS}) g`,
    );
    await here.sync(name, `select id as user_id, plan from ${name}`);
  }
  const runs = await Promise.all(['first', 'second'].map((name) => here.run(name)));
  expect(runs).toMatchObject([{ messages: { accepted: ROWS } }, { messages: { accepted: ROWS } }]);

  // As booked, by the ledger's clock: slots follow one another and never overlap.
  const slots = (await here.ledger.query(
    `select extract(epoch from slot_at)::float8 as at, beyond - first as events from backhaul.posts order by slot_at`,
  )) as { at: number; events: number }[];
  for (const [position, slot] of slots.entries()) {
    const next = slots[position + 1];
    if (next !== undefined) expect(next.at - slot.at).toBeGreaterThanOrEqual(slot.events / RATE - 1e-5);
  }
  // As it arrived, by Segment's clock, which has to allow for the way there.
  const JITTER_S = 0.5;
  const requests = here.receiver
    .requests()
    .map(({ at, events }) => ({ at: new Date(at).getTime() / 1000, events }));
  requests.sort((a, b) => a.at - b.at);
  for (const [from, first] of requests.entries()) {
    let events = 0;
    for (const request of requests.slice(from)) {
      events += request.events;
      expect(events).toBeLessThanOrEqual(RATE * (request.at - first.at + JITTER_S) + RATE);
    }
  }
});
