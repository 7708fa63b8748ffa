import type { Exchange } from '../vocabulary/exchange.ts';

/** Delivers one batch by one POST and says what came of it. Tries nothing twice, waits for nothing, splits nothing. */
export type Deliver = (batch: BatchToDeliver, options: DeliverOptions) => Promise<DeliveryOutcome>;

export interface BatchToDeliver {
  /** JSON texts of the messages, joined by commas. */
  text: Buffer;
  events: number;
}

export interface DeliverOptions {
  sentAt: Date;
  /** Bounds connecting, sending and the answer together. When it is over, no byte is written any more. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Asked just before the first byte: by then the slot may be over, though the timeout has not begun to run. */
  tooLate?: () => boolean;
  /** Told of the request and what came back, before the delivery returns; not when nothing could be asked. */
  onExchange?: ((exchange: Exchange) => void) | undefined;
}

export type DeliveryOutcome =
  /** 200, and the body does not say `success: false`. */
  | { kind: 'accepted' }
  /** 400 or 413: a message of the batch may be at fault, so the batch is to be split. */
  | { kind: 'refused'; status: number }
  /** 429, or 503 and 529 that say when to come back. Only of a 429 is it known that nothing was taken. */
  | { kind: 'throttled'; status: number; retryAfterMs: number }
  /**
   * No usable answer, or one that may be different next time. `posted: 'no'` only when the messages are known not to
   * have been taken. `status` is null when there was no whole answer; `errorCode` then names the failure.
   */
  | { kind: 'unavailable'; status: number | null; errorCode: string | null; posted: 'no' | 'unknown' }
  /** Any other answer: trying again does not change it, a person must act. */
  | { kind: 'failed'; status: number };
