import type { PostOutcome } from './schema.ts';

/** What is known of a message after all POSTs that carried it. `open`: it was never posted, or provably not taken. */
export type Verdict = 'accepted' | 'rejected' | 'in_doubt' | 'open';

export interface PostedRange {
  /** Messages [first, beyond) of a page. */
  first: number;
  beyond: number;
  outcome: PostOutcome | null;
}

export interface VerdictRange {
  first: number;
  beyond: number;
  verdict: Verdict;
}

/**
 * The verdict on each message of a page, as ranges in order that cover [0, messages).
 *
 * Accepted wins over all, since the same message always goes out under the same id. A single message that Segment
 * refused is rejected. A POST without an answer, or with one that proves nothing, leaves its messages in doubt.
 */
export function verdicts(posts: readonly PostedRange[], messages: number): VerdictRange[] {
  const borders = new Set([0, messages]);
  for (const post of posts) borders.add(post.first).add(Math.min(post.beyond, messages));
  const sorted = [...borders].filter((border) => border <= messages).sort((a, b) => a - b);
  const ranges: VerdictRange[] = [];
  for (const [position, first] of sorted.entries()) {
    const beyond = sorted[position + 1];
    if (beyond === undefined) break;
    const verdict = verdictOf(posts.filter((post) => post.first <= first && post.beyond >= beyond));
    const last = ranges.at(-1);
    if (last?.verdict === verdict) last.beyond = beyond;
    else ranges.push({ first, beyond, verdict });
  }
  return ranges;
}

function verdictOf(posts: readonly PostedRange[]): Verdict {
  let inDoubt = false;
  let rejected = false;
  for (const post of posts) {
    switch (post.outcome) {
      case 'accepted':
        return 'accepted';
      case null:
      case 'unknown':
        inDoubt = true;
        break;
      case 'refused':
        rejected ||= post.beyond === post.first + 1;
        break;
      case 'throttled':
      case 'unavailable':
      case 'failed':
      case 'not_sent':
        break;
    }
  }
  if (inDoubt) return 'in_doubt';
  return rejected ? 'rejected' : 'open';
}

export function countVerdicts(ranges: readonly VerdictRange[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { accepted: 0, rejected: 0, in_doubt: 0, open: 0 };
  for (const { first, beyond, verdict } of ranges) counts[verdict] += beyond - first;
  return counts;
}
