/**
 * The receiver in a process of its own, which counts and keeps nothing, so that it takes little of the machine that is
 * measured. Tells its URL, then for each line on stdin the counts since the last one.
 *
 * @module
 */
import { createInterface } from 'node:readline';
import { startReceiver } from '../dev/receiver/receiver.ts';
import { tell } from './tell.ts';

const receiver = await startReceiver({ store: 'counts', retain: 1 });
tell({ url: receiver.url });
createInterface({ input: process.stdin })
  .on('line', () => {
    const { accepted, requests } = receiver.counts();
    tell({ accepted, requests });
    receiver.reset();
  })
  .on('close', () => void receiver.close());
