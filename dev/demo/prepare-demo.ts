import type { CliIo } from '../../client/cli/io.ts';
import { counted } from '../../client/cli/output.ts';
import { freePort } from '../free-port.ts';
import { secondsSince } from '../progress.ts';
import { startReceiver, type Receiver } from '../receiver/receiver.ts';
import type { DevServers } from '../supervisor/start-dev.ts';
import { beginAnew } from './begin-anew.ts';
import { loadSampleDatabase } from './sample-database.ts';

/** What the demo's definitions name. */
export interface Prepared {
  /** The sample database, for who may write. */
  sampleUrl: string;
  receiver: Receiver;
  /** For the worker: what `${…}` in examples/demo/backhaul.yaml stands for. */
  variables: Record<'WAREHOUSE_URL' | 'SEGMENT_WRITE_KEY' | 'SEGMENT_TRACKING_URL', string>;
}

const SAMPLE_DATABASE = 'sample';
const RECEIVER_PORT = 8421;
/** Thirty-two characters, as those of Segment. The receiver drops what comes under another one. */
const WRITE_KEY = 'demo-write-key-of-the-sample-app';
/** The page and the checks of the demo go by counts and users. */
const RETAINED_EVENTS = 1000;

/** Fills the sample database and starts the receiver, as if there had been no demo before. */
export async function prepareDemo(io: CliIo, servers: DevServers): Promise<Prepared> {
  if (await beginAnew(servers)) io.out('What the last demo left is cleared; its history in Temporal stays.');
  const sampleUrl = await servers.ensureDatabase(SAMPLE_DATABASE);
  const started = performance.now();
  io.out('The sample database is being filled…');
  const { counts, readerUrl } = await loadSampleDatabase(sampleUrl);
  const { events, organisations, people } = counts;
  io.out(
    `It holds ${counted(people)} people of ${counted(organisations)} organisations, and ${counted(events)} events (${secondsSince(started)}).`,
  );
  // Not before: the worker of a demo that was killed goes on until it is stopped, and would send to it.
  const receiver = await startReceiver({
    port: await freePort(RECEIVER_PORT),
    writeKeys: [WRITE_KEY],
    retain: RETAINED_EVENTS,
  });
  io.out(`A stand-in for Segment listens on ${receiver.url}`);
  return {
    sampleUrl,
    receiver,
    variables: {
      WAREHOUSE_URL: readerUrl,
      SEGMENT_WRITE_KEY: WRITE_KEY,
      SEGMENT_TRACKING_URL: receiver.url,
    },
  };
}
