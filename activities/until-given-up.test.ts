import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Piece } from '../vocabulary/spool.ts';
import { untilGivenUp } from './until-given-up.ts';

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
  await new MockActivityEnvironment().run(async () => {
    const given = untilGivenUp(pieces());
    await given.next();
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (let piece = 2; piece < PIECES; piece += 1) await given.next();
    collect();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * PIECE_BYTES);
    await given.return(undefined);
  });
});

it.each(['between two pieces', 'while a piece is waited for'])(
  'a read whose worker stops %s ends at once',
  async (when) => {
    const environment = new MockActivityEnvironment();
    const stop = (): void =>
      environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    const reading = environment.run(async () => {
      const given = untilGivenUp(
        (async function* () {
          yield Buffer.from('a');
          await new Promise(() => undefined);
        })(),
      );
      await given.next();
      if (when === 'between two pieces') stop();
      else setTimeout(stop, 50);
      return bytesOf(given);
    });
    await expect(reading).rejects.toThrow('the attempt is given up');
  },
);
