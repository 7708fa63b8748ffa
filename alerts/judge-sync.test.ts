import { describe, expect, it } from '@jest/globals';
import { judgeSync, type SyncNow } from './judge-sync.ts';

const HOUR = 3_600_000;
const at = (hours: number): Date => new Date(Date.UTC(2026, 0, 1) + hours * HOUR);
const silence = (fields: Partial<SyncNow>) =>
  judgeSync(
    { silence: '24h' },
    { now: at(100), paused: false, watchedSince: at(0), completedAt: null, current: null, ...fields },
  );

describe('the silence of a sync', () => {
  it.each([
    ['is measured from the last run that completed', { completedAt: at(76) }, 'over'],
    ['is told when that is longer ago', { completedAt: at(75.9) }, 'so'],
    ['is told when none ever has', {}, 'so'],
    ['is not told before somebody wants to know', { watchedSince: at(77) }, 'over'],
    ['is meant while the sync is paused', { paused: true }, 'over'],
  ] as const)('%s', (_, fields, is) => {
    expect(silence(fields)).toMatchObject([{ condition: 'silence', is }]);
  });

  it('says since when', () => {
    expect(silence({ completedAt: at(70) })[0]?.message).toBe(
      'no run has completed since 2026-01-03T22:00:00.000Z, 1d 6h ago, told after 24h',
    );
  });
});
