import { setTimeout as delay } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { isFinal, type Run } from '../../vocabulary/run.ts';
import { contract } from '../api/contract/contract.ts';
import { PATIENCE_MS, problemIn, type Http } from './http.ts';

/** The first event comes at once: one that has not come by then is held back on the way. */
const HELD_BACK_AFTER_MS = 10_000;
const LOOK_EVERY_MS = 1000;

/**
 * The run as it goes until it has ended; the last one is its end. Goes on when a stream ends before the run does, or says that something
 * is away for now, and looks every second where something on the way holds events back.
 *
 * @param get the run as it stands
 */
export async function* followEvents(
  http: Http,
  id: string,
  get: () => Promise<Run>,
): AsyncGenerator<Run, Run> {
  const outages = waitOut();
  let states: () => AsyncGenerator<Run> = () => eventsOf(http, id);
  for (;;) {
    try {
      let came = false;
      for await (const run of states()) {
        came = true;
        outages.over();
        if (isFinal(run.status)) return run;
        yield run;
      }
      if (!came) states = () => looks(get);
    } catch (error) {
      await outages.wait(error);
    }
  }
}

/** Waits after a failure that passes by itself, as long as there is patience for it; throws any other. */
function waitOut(): { wait(error: unknown): Promise<void>; over(): void } {
  let deadline: number | null = null;
  return {
    async wait(error) {
      if (!passes(error)) throw error;
      deadline ??= Date.now() + PATIENCE_MS;
      if (Date.now() > deadline) throw error;
      await delay(LOOK_EVERY_MS);
    },
    over() {
      deadline = null;
    },
  };
}

/** An API that does not answer has been waited for already. */
const passes = (error: unknown): boolean =>
  error instanceof BackhaulError && error.entry.retryable && error.code !== 'api_unreachable';

async function* looks(get: () => Promise<Run>): AsyncGenerator<Run> {
  for (;;) {
    yield await get();
    await delay(LOOK_EVERY_MS);
  }
}

/** The runs of one stream. Ends with it, whether it was cut or came to its end. */
async function* eventsOf(http: Http, id: string): AsyncGenerator<Run> {
  const closing = new AbortController();
  const heldBack = setTimeout(() => closing.abort(), HELD_BACK_AFTER_MS);
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  try {
    const { body } = await http.open(contract.runEvents, { params: { id }, signal: closing.signal });
    if (body === null) return;
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      parser.feed(decoder.decode(piece, { stream: true }));
      for (const { data, event } of events.splice(0)) {
        clearTimeout(heldBack);
        if (event === 'error') throw problemIn(data) ?? new BackhaulError('api_answer_unknown', http.url);
        if (event === 'run') yield JSON.parse(data) as Run;
      }
    }
  } catch (error) {
    // A stream that breaks is opened again; what the API says of the run is told.
    if (error instanceof BackhaulError) throw error;
  } finally {
    clearTimeout(heldBack);
    closing.abort();
  }
}
