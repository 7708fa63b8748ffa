import { afterEach, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { allEvents, readEvents } from '../../test/support/read-events.ts';
import type { Run } from '../../vocabulary/run.ts';
import { metrics } from './metrics.ts';
import { sendEvents } from './send-events.ts';

let app: FastifyInstance | undefined;
afterEach(async () => {
  jest.useRealTimers();
  app?.server.closeAllConnections();
  await app?.close();
});

const state = (status: Run['status'], requests = 0): Run => ({ id: 'run', status, requests }) as Run;

async function sending(states: () => AsyncGenerator<Run, void>): Promise<string> {
  app = Fastify();
  await app.register(metrics);
  app.get('/events', ({ headers }, reply) =>
    sendEvents(reply, states(), {
      ending: new AbortController().signal,
      lastEventId: headers['last-event-id'] as string | undefined,
    }),
  );
  return `${await app.listen({ port: 0, host: '127.0.0.1' })}/events`;
}

it('an event that was seen last is not told again, and of a run that has ended there is no more', async () => {
  const url = await sending(async function* () {
    yield state('working', 1);
    yield state('working', 2);
    yield state('completed', 3);
  });
  const response = await fetch(url);
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const whole = await allEvents(readEvents(response));
  expect(whole.map(({ run }) => run.requests)).toEqual([1, 2, 3]);
  expect(new Set(whole.map(({ id }) => id)).size).toBe(3);
  const after = async (id = ''): Promise<Response> => fetch(url, { headers: { 'last-event-id': id } });
  expect(await allEvents(readEvents(await after(whole[0]?.id)))).toEqual(whole.slice(1));
  // Another one has gone by since: what is told is how it stands.
  expect(await allEvents(readEvents(await after(whole[2]?.id)))).toEqual(whole);
});

it('a run that has ended is told once', async () => {
  const url = await sending(async function* () {
    yield state('completed');
  });
  const [end] = await allEvents(readEvents(await fetch(url)));
  const again = await fetch(url, { headers: { 'last-event-id': end?.id ?? '' } });
  expect([again.status, await again.text()]).toEqual([204, '']);
});

it('while there is nothing to tell, comments keep the connection', async () => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setTimeout'],
  });
  let goOn = (): void => undefined;
  const silence = new Promise<void>((resolve) => (goOn = resolve));
  const url = await sending(async function* () {
    yield state('working');
    await silence;
    yield state('completed');
  });
  const { body } = await fetch(url);
  let text = '';
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(piece).toString('utf8');
    if (text.includes(': still here')) goOn();
    else if (text.includes('event: run')) jest.advanceTimersByTime(15_000);
  }
  expect(text).toMatch(/working.*\n\n: still here\n\n.*completed/s);
});
