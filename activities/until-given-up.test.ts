import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn, setTimeout as setTimer } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { ActivityCancellationDetails } from '@temporalio/common';
import { activityEnvironment } from '../test/support/activity-environment.ts';
import type { Piece } from '../vocabulary/spool.ts';
import { cancelOfRun, untilGivenUp } from './until-given-up.ts';

const PIECE_BYTES = 128 * 1024;
const PIECES = 2_000;

async function* pieces(): AsyncGenerator<Piece> {
  for (let piece = 0; piece < PIECES; piece += 1) {
    await turn();
    yield Buffer.alloc(PIECE_BYTES);
  }
}

async function bytesOf(spool: AsyncIterable<Piece>): Promise<number> {
  let bytes = 0;
  for await (const piece of spool) if (!('place' in piece)) bytes += piece.length;
  return bytes;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('a read keeps nothing of the pieces that were taken', async () => {
  await activityEnvironment().run(async () => {
    const given = untilGivenUp(pieces());
    await given.next();
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (let piece = 2; piece < PIECES; piece += 1) await given.next();
    collect();
    // What was collected is given back at leisure.
    await setTimer(100);
    collect();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((PIECES * PIECE_BYTES) / 2);
    await given.return(undefined);
  });
});

const details = (fields: { cancelRequested?: true; workerShutdown?: true }): ActivityCancellationDetails =>
  new ActivityCancellationDetails(fields);

/** Temporal tells an activity to stop from outside of its context, where nothing of the context can be asked for. */
function soon(work: () => void): void {
  setTimeout(work, 50);
}

it('the cancel of a run is passed on to its source, the stop of a worker is not', async () => {
  for (const [fields, passedOn] of [
    [{ cancelRequested: true }, true],
    [{ workerShutdown: true }, false],
  ] as const) {
    const environment = activityEnvironment();
    soon(() => environment.cancel('CANCELLED', details(fields)));
    const aborted = await environment.run(async () => {
      const signal = cancelOfRun();
      await setTimer(150);
      return signal.aborted;
    });
    expect([fields, aborted]).toEqual([fields, passedOn]);
  }
});

it.each(['between two pieces', 'while a piece is waited for'])(
  'a read whose worker stops %s ends at once',
  async (when) => {
    const environment = activityEnvironment();
    soon(() => environment.cancel('WORKER_SHUTDOWN', details({ workerShutdown: true })));
    const reading = environment.run(async () => {
      const given = untilGivenUp(
        (async function* () {
          yield Buffer.from('a');
          await new Promise(() => undefined);
        })(),
      );
      await given.next();
      if (when === 'between two pieces') await setTimer(150);
      return bytesOf(given);
    });
    await expect(reading).rejects.toThrow('the attempt is given up');
  },
);
