import { keyText } from '../mapping/key.ts';
import { readPage } from '../snapshot/pages.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import type { PlannedChange, Recap } from '../vocabulary/recap.ts';
import type { RowCounts } from '../vocabulary/run.ts';

/** A page of the plan, and what the mapping made of it. */
export interface PageToRecap {
  rows: Buffer;
  batches: Buffer;
  /** Keys of the rows that are not sent. */
  invalid: ReadonlySet<string>;
}

export interface PagesRecap {
  add(page: PageToRecap): void;
  messages(): number;
  requests(): number;
  bytes(): number;
  samples(): Recap['samples'];
}

const MOST_SAMPLES = 2;

/** Adds up what the pages of a plan would send; of each change it keeps the first messages. One page at a time is in memory. */
export function recapPages(planned: RowCounts): PagesRecap {
  const samples = new Map<PlannedChange, unknown[]>(
    (['added', 'changed', 'unchanged'] as const).flatMap((change) =>
      planned[change] > 0 ? [[change, []]] : [],
    ),
  );
  let [messages, requests, bytes] = [0, 0, 0];

  const takeSamples = ({ batches, invalid, rows }: PageToRecap): void => {
    const atRest = readBatches(batches);
    let position = 0;
    for (const { change, values } of readPage(rows)) {
      if (invalid.has(keyText(values[0] ?? ''))) continue;
      const taken = samples.get(change);
      if (taken !== undefined && taken.length < MOST_SAMPLES) {
        const text = atRest.text({ first: position, beyond: position + 1 });
        taken.push(JSON.parse(text.toString('utf8')) as unknown);
      }
      position += 1;
    }
  };

  return {
    add(page) {
      const atRest = readBatches(page.batches);
      messages += atRest.messages;
      requests += atRest.batches.length;
      bytes += page.batches.length;
      if ([...samples.values()].some((taken) => taken.length < MOST_SAMPLES)) takeSamples(page);
    },
    messages: () => messages,
    requests: () => requests,
    bytes: () => bytes,
    samples: () => [...samples].flatMap(([change, taken]) => taken.map((message) => ({ change, message }))),
  };
}
