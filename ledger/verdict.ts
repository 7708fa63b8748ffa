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
  const changes = new Map<number, Tally>([
    [0, noPosts()],
    [messages, noPosts()],
  ]);
  const changeAt = (border: number): Tally => {
    const change = changes.get(border) ?? noPosts();
    changes.set(border, change);
    return change;
  };
  for (const post of posts) {
    const says = meaningOf(post);
    if (says === null || post.first >= messages) continue;
    changeAt(post.first)[says] += 1;
    changeAt(Math.min(post.beyond, messages))[says] -= 1;
  }
  const ranges: VerdictRange[] = [];
  const tally = noPosts();
  const borders = [...changes.keys()].sort((a, b) => a - b);
  for (const [position, first] of borders.entries()) {
    const beyond = borders[position + 1];
    if (beyond === undefined) break;
    add(tally, changeAt(first));
    const known = verdictOf(tally);
    const last = ranges.at(-1);
    if (last?.verdict === known.verdict && last.refused === known.refused) last.beyond = beyond;
    else ranges.push({ first, beyond, ...known });
  }
  return ranges;
}

/** How many of the POSTs that carried a message say what of it. */
type Tally = Record<'accepted' | 'inDoubt' | 'refused', number>;

const noPosts = (): Tally => ({ accepted: 0, inDoubt: 0, refused: 0 });

function add(tally: Tally, change: Tally): void {
  tally.accepted += change.accepted;
  tally.inDoubt += change.inDoubt;
  tally.refused += change.refused;
}

/** What a POST says of each of its messages; null: nothing. */
function meaningOf({ beyond, first, outcome }: PostedRange): keyof Tally | null {
  switch (outcome) {
    case 'accepted':
      return 'accepted';
    case null:
    case 'unknown':
      return 'inDoubt';
    case 'refused':
      return beyond === first + 1 ? 'refused' : null;
    case 'throttled':
    case 'unavailable':
    case 'failed':
    case 'not_sent':
      return null;
  }
}

function verdictOf({ accepted, inDoubt, refused }: Tally): { verdict: Verdict; refused: boolean } {
  if (accepted > 0) return { verdict: 'accepted', refused: false };
  if (inDoubt > 0) return { verdict: 'in_doubt', refused: refused > 0 };
  return { verdict: refused > 0 ? 'rejected' : 'open', refused: refused > 0 };
}

/** What a person is told of each message of a range. */
export const toldOf = ({ refused, verdict }: VerdictRange): Verdict => (refused ? 'rejected' : verdict);

/** Messages by what a person is told of them. */
export function countVerdicts(ranges: readonly VerdictRange[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { accepted: 0, rejected: 0, in_doubt: 0, open: 0 };
  for (const range of ranges) counts[toldOf(range)] += range.beyond - range.first;
  return counts;
}
