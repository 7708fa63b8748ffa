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
  /**
   * Segment refused each of these messages by itself. One that is in doubt besides (an earlier answer was lost) counts
   * as rejected for people, but stays in doubt for the state.
   */
  refused: boolean;
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
    const known = verdictOf(posts.filter((post) => post.first <= first && post.beyond >= beyond));
    const last = ranges.at(-1);
    if (last?.verdict === known.verdict && last.refused === known.refused) last.beyond = beyond;
    else ranges.push({ first, beyond, ...known });
  }
  return ranges;
}

function verdictOf(posts: readonly PostedRange[]): { verdict: Verdict; refused: boolean } {
  let inDoubt = false;
  let refused = false;
  for (const post of posts) {
    switch (post.outcome) {
      case 'accepted':
        return { verdict: 'accepted', refused: false };
      case null:
      case 'unknown':
        inDoubt = true;
        break;
      case 'refused':
        refused ||= post.beyond === post.first + 1;
        break;
      case 'throttled':
      case 'unavailable':
      case 'failed':
      case 'not_sent':
        break;
    }
  }
  if (inDoubt) return { verdict: 'in_doubt', refused };
  return { verdict: refused ? 'rejected' : 'open', refused };
}

/** Messages by what a person is told of them. */
export function countVerdicts(ranges: readonly VerdictRange[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { accepted: 0, rejected: 0, in_doubt: 0, open: 0 };
  for (const { first, beyond, verdict, refused } of ranges)
    counts[refused ? 'rejected' : verdict] += beyond - first;
  return counts;
}
