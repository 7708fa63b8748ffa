import type { PostedRange } from '../ledger/verdict.ts';
import type { Range } from '../vocabulary/batches-at-rest.ts';

/**
 * What of a batch is still to be sent, by the POSTs of it that are on record. A range that Segment took is done; one
 * that it refused is halved until a single message is left, which is then rejected; any other goes out again as it was.
 */
export function pendingRanges(batch: Range, posts: readonly PostedRange[]): Range[] {
  const answers = new Map<string, 'accepted' | 'refused'>();
  for (const { first, beyond, outcome } of posts) {
    if (outcome === 'accepted') answers.set(`${first}-${beyond}`, outcome);
    if (outcome === 'refused' && !answers.has(`${first}-${beyond}`))
      answers.set(`${first}-${beyond}`, outcome);
  }
  const pending = (range: Range): Range[] => {
    switch (answers.get(`${range.first}-${range.beyond}`)) {
      case 'accepted':
        return [];
      case 'refused':
        return halves(range).flatMap(pending);
      case undefined:
        return [range];
    }
  };
  return pending(batch);
}

/** Both halves of a range; none of a single message. */
export function halves({ first, beyond }: Range): Range[] {
  if (beyond - first < 2) return [];
  const middle = Math.ceil((first + beyond) / 2);
  return [
    { first, beyond: middle },
    { first: middle, beyond },
  ];
}
