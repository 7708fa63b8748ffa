import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { isSameProcess } from '../../definitions/process-identity.ts';
import { findMarks, leaveMarks, MARKS } from '../../test/support/dev-marks.ts';
import { openDevHome, type DevHome } from '../../test/support/dev-process.ts';

// Two starts, on a machine that may be slow and busy.
jest.setTimeout(120_000);

let home: DevHome;
beforeAll(async () => {
  home = await openDevHome();
});
afterAll(() => home.close());

test('after kill -9 of the supervisor alone, a start stops the servers that were left and goes on with their data', async () => {
  const first = await home.startReady();
  await leaveMarks(first.file);
  first.dev.kill('SIGKILL');
  await first.dev.exited;
  const left = Object.values(first.file.children);
  expect(await Promise.all(left.map(isSameProcess))).toEqual([true, true, true, true]);

  const second = await home.startReady();

  expect(await Promise.all(left.map(isSameProcess))).toEqual([false, false, false, false]);
  expect(await findMarks(second.file)).toEqual(MARKS);
  expect(second.file.ports).toEqual(first.file.ports);
  expect((await home.processes()).length).toBe(4);
  second.dev.kill('SIGTERM');
  expect(await second.dev.exited).toBe(0);
  expect(await home.processes()).toEqual([]);
});
