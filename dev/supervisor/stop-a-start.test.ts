import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openDevHome, type DevHome } from '../../test/support/dev-process.ts';
import { until } from '../../test/support/until.ts';

// Two starts, on a machine that may be slow and busy.
jest.setTimeout(120_000);

let home: DevHome;
beforeEach(async () => {
  home = await openDevHome();
});
afterEach(() => home.close());

test.each(['PostgreSQL is starting', 'The worker is starting'])(
  'Ctrl-C while it says "%s" stops what has been started, and the next start is not disturbed',
  async (line) => {
    const given = home.start();
    await until(async () => given.said().includes(line));
    given.kill('SIGINT');

    expect(await given.exited).toBe(130);
    expect(await home.processes()).toEqual([]);
    const next = await home.startReady();
    next.dev.kill('SIGINT');
    expect(await next.dev.exited).toBe(130);
    expect(await home.processes()).toEqual([]);
  },
);
