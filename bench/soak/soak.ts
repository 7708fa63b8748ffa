import { setTimeout as delay } from 'node:timers/promises';
import type { Http } from '../../client/remote/http.ts';
import type { Receiver } from '../../dev/receiver/receiver.ts';
import { allEnded, holdToAccount, type Account, type Books } from './account.ts';
import type { People } from './people.ts';
import { planTriggers, sendTriggers, type Answered } from './trigger.ts';

export interface SoakOptions {
  syncs: readonly string[];
  triggers: number;
  perMinute: number;
  /** Each with a key of its own. */
  clients: readonly Http[];
  books: Books;
  people: People;
  receiver: Receiver;
  /** For the runs to end after the last trigger. */
  patienceMs: number;
}

const CHANGE_EVERY_MS = 1000;
const LOOK_EVERY_MS = 500;
const LONGEST_ANSWER_MS = 3000;
/** A prime, so that the answers of the receiver are of all lengths and the same each time. */
const STEP_MS = 1709;

/** Triggers syncs over and over while their rows change; then, with all at rest, once more each. Then all is held to account. */
export async function soak(options: SoakOptions): Promise<Account> {
  const { books, clients, people, perMinute, receiver, syncs, triggers } = options;
  let requests = 0;
  receiver.respond(() => {
    requests += 1;
    return { delayMs: (requests * STEP_MS) % LONGEST_ANSWER_MS };
  });
  const stopped = new AbortController();
  const changing = changeUntil(people, stopped.signal);
  const answered = await sendTriggers(clients, planTriggers(syncs, triggers, 'soak'), perMinute);
  stopped.abort();
  await changing;
  await restedBy(options, answered);
  const last = syncs.map((sync) => [{ sync, full: false, key: `last-${sync}`, keyBy: 'header' } as const]);
  const all = [...answered, ...(await sendTriggers(clients, last, perMinute))];
  await restedBy(options, all);
  const account = await holdToAccount(books, all);
  const missing = await people.missing(receiver);
  if (missing > 0) account.faults.push(`${missing} rows did not arrive as they are`);
  return account;
}

async function changeUntil(people: People, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await people.change();
    await delay(CHANGE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** What has not ended by then is told by the account. */
async function restedBy({ books, patienceMs }: SoakOptions, answered: readonly Answered[]): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await allEnded(books, answered)) && Date.now() < deadline) await delay(LOOK_EVERY_MS);
}
