import { DEDUPLICATION_MS } from './limits.ts';

/** Whether a message of this id was here in the last 24 hours; if not, it is from now on. */
export type IsDuplicate = (messageId: string, nowMs: number) => boolean;

/** By `messageId` alone, over all sources, as Segment does. */
export function rememberMessages(): IsDuplicate {
  const seenAtMs = new Map<string, number>();
  return (messageId, nowMs) => {
    for (const [oldest, at] of seenAtMs) {
      if (nowMs - at < DEDUPLICATION_MS) break;
      seenAtMs.delete(oldest);
    }
    if (seenAtMs.has(messageId)) return true;
    seenAtMs.set(messageId, nowMs);
    return false;
  };
}
