import { isFields } from './checked.ts';
import type { Finding } from './issues.ts';
import { suggestName } from './nearest.ts';

/** What a sync says of those that it follows: that they are there, and that none follows itself in the end. */
export function afterFindings(name: string, value: unknown, syncs: ReadonlyMap<string, unknown>): Finding[] {
  return followedBy(value).flatMap((followed, position): Finding[] => {
    const path = ['after', position];
    if (!syncs.has(followed)) {
      const others = [...syncs.keys()].filter((other) => other !== name);
      const message = `the sync "${name}" names a sync that does not exist: "${followed}"`;
      const fix = suggestName(followed, others, 'Add it under syncs.');
      return [{ path, at: 'value', absence: true, message, fix }];
    }
    const way = wayBack(name, followed, syncs);
    if (way === null) return [];
    const message = `the sync "${name}" would start itself: ${[name, ...way].join(' after ')}`;
    return [{ path, at: 'value', message, fix: 'Remove one of these.' }];
  });
}

const followedBy = (sync: unknown): string[] =>
  isFields(sync) && Array.isArray(sync.after)
    ? sync.after.filter((name): name is string => typeof name === 'string')
    : [];

/** The shortest chain from `from` to `target`, both named; null when there is none. */
function wayBack(target: string, from: string, syncs: ReadonlyMap<string, unknown>): string[] | null {
  const ways: string[][] = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    const last = way.at(-1) ?? from;
    if (last === target) return way;
    for (const next of followedBy(syncs.get(last))) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}
