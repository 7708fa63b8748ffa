import { keepNewest } from './newest.ts';
import type { Dropped, DropReason } from './reasons.ts';

/** `reset`: the connection was broken instead of an answer. */
export type RequestStatus = number | 'reset';

export interface ReceivedRequest {
  at: Date;
  path: string;
  /** Of the body, unzipped; of one that could not be read, what came of it. */
  bytes: number;
  status: RequestStatus;
  events: number;
  accepted: number;
  duplicates: number;
  dropped: Dropped;
}

/** `received` = `accepted` + `duplicates` + all of `dropped` + `refused`; an empty batch is one `empty_batch` and no event. */
export interface Counts {
  requests: number;
  requestsByStatus: Record<string, number>;
  received: number;
  accepted: number;
  duplicates: number;
  dropped: Dropped;
  /** Events of requests that were answered by something else than a 200, or that a fault kept from being taken. */
  refused: number;
}

export interface Tally {
  add(request: ReceivedRequest): void;
  counts(): Counts;
  requests(): ReceivedRequest[];
}

export function openTally(retain: number): Tally {
  const requests = keepNewest<ReceivedRequest>(retain);
  const counts: Counts = {
    requests: 0,
    requestsByStatus: {},
    received: 0,
    accepted: 0,
    duplicates: 0,
    dropped: {},
    refused: 0,
  };
  return {
    add: (request) => {
      const { accepted, duplicates, dropped } = request;
      requests.add(request);
      counts.requests += 1;
      counts.requestsByStatus[request.status] = (counts.requestsByStatus[request.status] ?? 0) + 1;
      counts.received += request.events;
      counts.accepted += accepted;
      counts.duplicates += duplicates;
      let left = request.events - accepted - duplicates;
      for (const [reason, events] of Object.entries(dropped) as [DropReason, number][]) {
        counts.dropped[reason] = (counts.dropped[reason] ?? 0) + events;
        if (reason !== 'empty_batch') left -= events;
      }
      counts.refused += left;
    },
    counts: () => ({
      ...counts,
      requestsByStatus: { ...counts.requestsByStatus },
      dropped: { ...counts.dropped },
    }),
    requests: requests.all,
  };
}
