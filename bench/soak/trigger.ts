import { setTimeout as delay } from 'node:timers/promises';
import { contract } from '../../client/api/contract/contract.ts';
import type { Http } from '../../client/remote/http.ts';
import type { Started } from '../../client/start-run.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface Trigger {
  sync: string;
  full: boolean;
  key: string | null;
  /** As the header Idempotency-Key, or as `idempotencyKey` of the body. */
  keyBy: 'header' | 'body';
}

/** How a trigger was answered: by a run, or by a problem. */
export type Answered = Trigger &
  ({ how: Started['how']; run: string; problem: null } | { how: null; run: null; problem: string });

/** With a new key in either place, with one that was given before, twice at once, with `full`, and without any. */
const KINDS = ['plain', 'header', 'header again', 'twice', 'body', 'body again', 'full'] as const;

/** That many triggers over the syncs in turns; each sync gets each kind. `mark` begins their keys. */
export function planTriggers(syncs: readonly string[], count: number, mark: string): Trigger[][] {
  const planned: Trigger[][] = [];
  for (let index = 0, sent = 0; sent < count; index += 1) {
    const sync = syncs[index % syncs.length] ?? '';
    const turn = Math.floor(index / syncs.length);
    const kind = KINDS[((index % syncs.length) + turn) % KINDS.length] ?? 'plain';
    const keyBy = kind.startsWith('body') ? 'body' : 'header';
    const isAgain = kind.endsWith('again');
    const keyed = kind !== 'plain' && kind !== 'full';
    const given = isAgain ? turn - 1 : turn;
    const key = keyed ? `${mark}-${sync}-${given}` : null;
    const trigger: Trigger = { sync, full: kind === 'full', key, keyBy };
    const together = kind === 'twice' && sent + 1 < count ? [trigger, trigger] : [trigger];
    planned.push(together);
    sent += together.length;
  }
  return planned;
}

/**
 * Sends triggers at a steady rate, whether or not those before have been answered.
 *
 * @param clients they take turns by sync, so that a key is given again by who has given it
 */
export async function sendTriggers(
  clients: readonly Http[],
  planned: readonly Trigger[][],
  perMinute: number,
): Promise<Answered[]> {
  const syncs = [...new Set(planned.flat().map(({ sync }) => sync))];
  const answers: Promise<Answered>[] = [];
  const startedAt = performance.now();
  for (const together of planned) {
    await delay(Math.max(0, startedAt + (answers.length * 60_000) / perMinute - performance.now()));
    for (const trigger of together) {
      const client = clients[syncs.indexOf(trigger.sync) % clients.length];
      if (client !== undefined) answers.push(send(client, trigger));
    }
  }
  return Promise.all(answers);
}

async function send(http: Http, trigger: Trigger): Promise<Answered> {
  const { full, key, keyBy, sync } = trigger;
  try {
    const { how, run } = await http.call(contract.runSync, {
      params: { name: sync },
      body: { full, ...(key !== null && keyBy === 'body' && { idempotencyKey: key }) },
      ...(key !== null && keyBy === 'header' && { requestKey: key }),
    });
    return { ...trigger, how, run: run.id, problem: null };
  } catch (error) {
    const problem = error instanceof BackhaulError ? error.code : String(error);
    return { ...trigger, how: null, run: null, problem };
  }
}
