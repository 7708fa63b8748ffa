import { Context } from '@temporalio/activity';
import { readMappedPage } from '../ledger/pages.ts';
import { bookPost, postsOfPage, recordOutcome } from '../ledger/posts.ts';
import { holdGroup, readHoldMs } from '../ledger/rate-limit.ts';
import { requireOpen } from '../ledger/runs.ts';
import { selectionOf } from '../ledger/selections.ts';
import type { DeliveryOutcome } from '../segment/deliver.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { exchangeName, type Exchange } from '../vocabulary/exchange.ts';
import { blobName } from '../vocabulary/ids.ts';
import { readBatches, type BatchesAtRest, type Range } from '../vocabulary/batches-at-rest.ts';
import type { Dependencies } from './dependencies.ts';
import type { OpenDestination } from './destinations.ts';
import { heartbeating } from './heartbeat.ts';
import { untilStopped } from './leaving.ts';
import { observedDelivery } from './observed-delivery.ts';
import { halves, pendingRanges } from './pending-ranges.ts';
import { abortableDelay } from './abortable-delay.ts';
import { stopwatch } from '../vocabulary/stopwatch.ts';
import { isTimeToAsk, refusedEverything } from './refused-everything.ts';
import { requireSameSource } from './require-same-source.ts';
import { resolveSegment } from './resolve-ends.ts';

export interface SendBatchResult {
  /** False: stopped by a cancel, a hold, or a worker that leaves; what was answered is on record. */
  done: boolean;
  /** Segment asked to stay silent for so long. A span, since the clocks of worker and workflow may differ. */
  heldMs: number | null;
}

/** A POST is given up after this. Longer: fewer answers are lost; shorter: a run that follows a crash waits less. */
export const POST_TIMEOUT_MS = 20_000;
/** From the start of a slot to the deadline after which no byte of the POST can be on its way. */
const DEADLINE_ALLOWANCE_MS = POST_TIMEOUT_MS + 5000;
/** A longer hold is waited for on a timer of the workflow, a shorter one here (design rule 7). */
const LONGEST_HOLD_MS = 10_000;
/** A sender that is this late to its slot was frozen or starved, and books another. */
const LATEST_START_MS = 2000;

/** The batches of a page → Segment, one after the other. Goes on after what the ledger has on record. */
export async function sendBatch(
  dependencies: Dependencies,
  input: { run: string; page: number },
): Promise<SendBatchResult> {
  const { blobs, destinations, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const page = await readMappedPage(ledger.db, run.id, input.page);
  if (page === undefined) throw new BackhaulError('snapshot_missing', `run ${run.id}, page ${input.page}`);
  const { sync, destination } = run.definition;
  const batches = readBatches(await blobs.get(blobName(page.batches)));
  const selection = await selectionOf(ledger.db, run);
  const opened = destinations.open(await resolveSegment(dependencies, sync.destination, destination));
  await requireSameSource(ledger.db, run, opened.connection.writeKey);
  const sender: Omit<Sender, 'stopped'> = {
    dependencies,
    run: run.id,
    sync: run.sync,
    page: input.page,
    batches,
    destination: opened,
    rateLimitGroup: opened.connection.rateLimitGroup,
    // Rises with each attempt and each call, also after a reset of the workflow; so an older one is told apart.
    attempt: Context.current().info.currentAttemptScheduledTimestampMs,
    showsExchanges: selection?.kind === 'keys',
  };
  const posts = await postsOfPage(ledger.db, run.id, input.page);
  const pending = batches.batches.flatMap((batch) => pendingRanges(batch, posts));
  const cursor = { acknowledged: batches.messages - sum(pending), messages: batches.messages };
  return heartbeating(
    () => cursor,
    () => untilStopped(dependencies.leaving, (stopped) => sendAll({ ...sender, stopped }, pending, cursor)),
  );
}

interface Sender {
  dependencies: Dependencies;
  run: string;
  sync: string;
  page: number;
  batches: BatchesAtRest;
  destination: OpenDestination;
  rateLimitGroup: string;
  attempt: number;
  stopped: AbortSignal;
  /** Whether somebody wants to see what leaves and what comes back. */
  showsExchanges: boolean;
}

async function sendAll(
  sender: Sender,
  pending: Range[],
  cursor: { acknowledged: number },
): Promise<SendBatchResult> {
  const queue = [...pending];
  let refused = 0;
  for (let range = queue.shift(); range !== undefined; range = queue.shift()) {
    if (sender.stopped.aborted) return { done: false, heldMs: null };
    const posted = await post(sender, range);
    switch (posted.kind) {
      case 'accepted':
        cursor.acknowledged += range.beyond - range.first;
        break;
      case 'refused':
        queue.unshift(...halves(range));
        if (range.beyond - range.first === 1) {
          cursor.acknowledged += 1;
          refused += 1;
          if (isTimeToAsk(refused)) await failWhenEverythingIsRefused(sender, posted.status);
        }
        break;
      case 'again':
        queue.unshift(range);
        break;
      case 'held':
        return { done: false, heldMs: posted.ms };
      case 'stopped':
        return { done: false, heldMs: null };
    }
  }
  return { done: true, heldMs: null };
}

type Posted =
  | { kind: 'accepted' | 'again' | 'stopped' }
  | { kind: 'refused'; status: number }
  | { kind: 'held'; ms: number };

/** Books, waits for the slot, posts, and writes the outcome: the journal is ahead of the wire (design rule 2). */
async function post(sender: Sender, range: Range): Promise<Posted> {
  const { db } = sender.dependencies.ledger;
  const { connection, segment } = sender.destination;
  const sinceBooking = stopwatch();
  const booked = await bookPost(db, {
    run: sender.run,
    page: sender.page,
    ...range,
    attempt: sender.attempt,
    rateLimitGroup: sender.rateLimitGroup,
    eventsPerSecond: connection.eventsPerSecond,
    allowanceMs: DEADLINE_ALLOWANCE_MS,
  });
  if (booked.kind === 'refused')
    throw new BackhaulError('run_superseded', `run ${sender.run}, page ${sender.page}`);
  const latenessMs = (): number => sinceBooking() - booked.startsInMs;
  const notSent = (): Promise<void> => recordOutcome(db, booked.post, 'not_sent', null);

  if (booked.startsInMs > LONGEST_HOLD_MS) {
    const heldMs = await readHoldMs(db, sender.rateLimitGroup);
    if (heldMs > LONGEST_HOLD_MS) {
      await notSent();
      return { kind: 'held', ms: heldMs };
    }
  }
  if (booked.startsInMs > 0) {
    await abortableDelay(booked.startsInMs, sender.stopped);
    if (sender.stopped.aborted) {
      await notSent();
      return { kind: 'stopped' };
    }
    const heldMs = await readHoldMs(db, sender.rateLimitGroup);
    if (heldMs > 0) {
      await notSent();
      return heldMs > LONGEST_HOLD_MS ? { kind: 'held', ms: heldMs } : { kind: 'again' };
    }
  }
  if (latenessMs() > LATEST_START_MS) {
    await notSent();
    return { kind: 'again' };
  }
  const exchanges: Exchange[] = [];
  sender.dependencies.metrics('backhaul_limiter_wait_seconds', sinceBooking() / 1000, { sync: sender.sync });
  const outcome = await observedDelivery(
    sender.dependencies.metrics,
    sender,
    segment.deliver,
  )(
    { text: sender.batches.text(range), events: range.beyond - range.first },
    {
      sentAt: new Date(),
      timeoutMs: POST_TIMEOUT_MS,
      tooLate: () => latenessMs() > LATEST_START_MS,
      ...(sender.showsExchanges && { onExchange: (exchange) => void exchanges.push(exchange) }),
    },
  );
  try {
    return await record(sender, booked.post, outcome);
  } finally {
    // After the outcome, which must not be lost for it.
    await keepExchange(sender, booked.post, exchanges.at(-1));
  }
}

async function keepExchange(
  { dependencies: { blobs }, run }: Sender,
  booked: number,
  exchange: Exchange | undefined,
): Promise<void> {
  if (exchange !== undefined) await blobs.put(exchangeName(run, booked), JSON.stringify(exchange));
}

async function record(sender: Sender, booked: number, outcome: DeliveryOutcome): Promise<Posted> {
  const { db } = sender.dependencies.ledger;
  const where = `run ${sender.run}, page ${sender.page}`;
  switch (outcome.kind) {
    case 'accepted':
      await recordOutcome(db, booked, 'accepted', 200);
      return { kind: 'accepted' };
    case 'refused':
      await recordOutcome(db, booked, 'refused', outcome.status);
      return outcome;
    case 'throttled':
      await holdGroup(db, sender.rateLimitGroup, outcome.retryAfterMs);
      // Only a 429 says that nothing was taken; a gateway may answer 503 for a batch that it has handed on.
      await recordOutcome(db, booked, outcome.status === 429 ? 'throttled' : 'unknown', outcome.status);
      return outcome.retryAfterMs > LONGEST_HOLD_MS
        ? { kind: 'held', ms: outcome.retryAfterMs }
        : { kind: 'again' };
    case 'unavailable': {
      const { errorCode, posted, status } = outcome;
      await recordOutcome(db, booked, posted === 'no' ? 'unavailable' : 'unknown', status);
      if (status === null)
        throw new BackhaulError('segment_unreachable', `${where}, ${errorCode ?? 'no answer'}`);
      throw new BackhaulError('segment_unavailable', `${where}, HTTP ${status}`);
    }
    case 'failed':
      await recordOutcome(db, booked, 'failed', outcome.status);
      throw new BackhaulError('segment_refused', `${where}, HTTP ${outcome.status}`);
  }
}

async function failWhenEverythingIsRefused({ dependencies, run }: Sender, status: number): Promise<void> {
  if (await refusedEverything(dependencies.ledger, run)) {
    throw new BackhaulError('segment_refuses_everything', `run ${run}, HTTP ${status}`);
  }
}

const sum = (ranges: readonly Range[]): number =>
  ranges.reduce((total, { first, beyond }) => total + beyond - first, 0);
