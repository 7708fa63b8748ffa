import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { findMarks, leaveMarks, MARKS } from '../../test/support/dev-marks.ts';
import { kill, openDevHome, type DevHome } from '../../test/support/dev-process.ts';

// Two starts, on a machine that may be slow and busy.
jest.setTimeout(120_000);

let home: DevHome;
beforeAll(async () => {
  home = await openDevHome();
});
afterAll(() => home.close());

test('after kill -9 of the supervisor and of everything that it started, a start goes on with the same data', async () => {
  const first = await home.startReady();
  await leaveMarks(first.file);
  first.dev.kill('SIGKILL');
  for (const { pid } of await home.processes()) kill(pid);
  await first.dev.exited;

  const second = await home.startReady();

  expect(await findMarks(second.file)).toEqual(MARKS);
  expect(second.file.ports).toEqual(first.file.ports);
  second.dev.kill('SIGINT');
  expect(await second.dev.exited).toBe(130);
  expect(await home.processes()).toEqual([]);
});
