import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noRows } from '../vocabulary/run.ts';
import { approvalReasons, watchedCounts, type PlanToApprove } from './approval-reasons.ts';

const count = fc.nat(1_000_000);
const threshold = fc.oneof(
  fc.nat(1_000_000),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
);
const plans: fc.Arbitrary<PlanToApprove> = fc.record({
  review: fc.boolean(),
  mode: fc.constantFrom(null, 'the mapping changed'),
  rows: fc.record({
    read: count,
    added: count,
    changed: count,
    unchanged: count,
    removed: count,
    invalid: count,
  }),
  planned: count,
  users: count,
  above: fc.record(Object.fromEntries(watchedCounts.map((name) => [name, threshold])), { requiredKeys: [] }),
});
const plan = (given: Partial<PlanToApprove>): PlanToApprove => ({
  review: false,
  mode: null,
  rows: noRows(),
  planned: 0,
  users: 0,
  above: {},
  ...given,
});

describe('a plan is approved by a person', () => {
  it('never when nobody asked and nothing is watched', () => {
    fc.assert(
      fc.property(plans, (given) => {
        expect(approvalReasons({ ...given, review: false, mode: null, above: {} })).toEqual([]);
      }),
    );
  });

  it('for a reason of its own for each count that is above, and for no other', () => {
    fc.assert(
      fc.property(plans, (given) => {
        const asked = { ...given, review: false, mode: null };
        const reasons = approvalReasons(asked);
        for (const name of watchedCounts) {
          const alone = approvalReasons({ ...asked, above: { [name]: given.above[name] } });
          expect(alone).toEqual(reasons.filter((reason) => reason.startsWith(`${name}:`)));
          expect(alone.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('all the more when it is larger', () => {
    fc.assert(
      fc.property(plans, fc.constantFrom(...watchedCounts), fc.nat(1000), (given, name, more) => {
        const before = approvalReasons(given).some((reason) => reason.startsWith(name));
        const rows = { ...given.rows, [name]: given.rows[name] + more };
        if (before) expect(approvalReasons({ ...given, rows }).join()).toContain(`${name}:`);
      }),
    );
  });

  it('when a review was asked for and there is something to approve', () => {
    expect(approvalReasons(plan({ review: true }))).toEqual([]);
    expect(approvalReasons(plan({ review: true, planned: 1 }))).toEqual(['a review was asked for']);
    expect(approvalReasons(plan({ review: true, rows: { ...noRows(), removed: 1 } }))).toHaveLength(1);
  });

  it('when its mode asks for that and there is something to send', () => {
    expect(approvalReasons(plan({ mode: 'the mapping changed' }))).toEqual([]);
    expect(approvalReasons(plan({ mode: 'the mapping changed', planned: 1 }))).toEqual([
      'the mapping changed',
    ]);
  });

  it('above a share of the users in the state, and not at it', () => {
    const above = { changed: '20%' };
    const rows = { ...noRows(), changed: 20 };
    expect(approvalReasons(plan({ above, rows, users: 100 }))).toEqual([]);
    expect(approvalReasons(plan({ above, rows: { ...rows, changed: 21 }, users: 100 }))).toEqual([
      'changed: 21 of 100 users in the state, above 20%',
    ]);
  });

  it('at a first run only when it watches what is added', () => {
    const rows = { ...noRows(), read: 10, added: 10 };
    expect(approvalReasons(plan({ rows, above: { changed: 0, removed: 0, invalid: 0 } }))).toEqual([]);
    expect(approvalReasons(plan({ rows, above: { added: '50%' } }))).toHaveLength(1);
    expect(approvalReasons(plan({ rows, above: { added: 10 } }))).toEqual([]);
  });
});
