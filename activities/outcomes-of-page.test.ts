import { describe, expect, it } from '@jest/globals';
import type { TimedPost } from '../ledger/posts.ts';
import { batchesWriter, readBatches } from '../vocabulary/batches-at-rest.ts';
import { outcomesOfPage, type MappedPageAtRest } from './outcomes-of-page.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 26, 10, 0, second));
const post = (
  first: number,
  beyond: number,
  outcome: TimedPost['outcome'],
  status: number | null,
  second: number,
): TimedPost => ({
  first,
  beyond,
  outcome,
  http_status: status,
  slot_at: at(second),
  finished_at: at(second + 1),
});

function batches(count: number) {
  const writer = batchesWriter();
  for (let message = 0; message < count; message++) {
    const json = `{"type":"identify","messageId":"id-${message}","traits":{"messageId":"not this"}}`;
    writer.add(json, json.length);
  }
  return readBatches(writer.finish([{ first: 0, beyond: count }]));
}

const planned = (...keys: string[]) => keys.map((key) => ({ key, change: 'added' as const }));
const page = (
  keys: string[],
  posts: TimedPost[],
  more: Partial<MappedPageAtRest> = {},
): MappedPageAtRest => ({
  keys,
  posts,
  invalid: [],
  batches: batches(keys.length),
  ...more,
});
const outcomes = (
  rows: { key: string; change: 'added' }[],
  mapped: MappedPageAtRest | null,
  payload = false,
) => [...outcomesOfPage({ planned: rows, mapped }, { payload })];

describe('what became of the rows of a page', () => {
  it('is told by the POST that decided it, with all that carried the message counted', () => {
    const posts = [
      post(0, 4, 'throttled', 429, 1),
      post(0, 4, 'refused', 400, 2),
      post(0, 2, 'accepted', 200, 3),
      post(2, 4, 'refused', 400, 4),
      post(2, 3, 'refused', 413, 5),
      post(3, 4, 'unknown', null, 6),
      post(3, 4, 'not_sent', null, 7),
    ];
    const told = outcomes(planned('a', 'b', 'c', 'd'), page(['a', 'b', 'c', 'd'], posts));
    expect(
      told.map(({ answeredAt, attempts, httpStatus, key, messageId, outcome, reason }) => [
        ...[key, outcome, reason, httpStatus, attempts, answeredAt, messageId],
      ]),
    ).toEqual([
      ['a', 'accepted', null, 200, 3, at(4).toISOString(), 'id-0'],
      ['b', 'accepted', null, 200, 3, at(4).toISOString(), 'id-1'],
      ['c', 'rejected', 'http_413', 413, 4, at(6).toISOString(), 'id-2'],
      ['d', 'in_doubt', null, null, 4, at(7).toISOString(), 'id-3'],
    ]);
  });

  it('keeps invalid rows in their places among the messages', () => {
    const invalid = [
      { reason: 'too_large', column: null },
      { reason: 'not_finite', column: 'score' },
    ];
    const told = outcomes(
      planned('x', 'a\\tb', 'y', 'c'),
      page(['a\\tb', 'c'], [post(0, 2, 'accepted', 200, 1)], { invalid }),
    );
    expect(
      told.map(({ column, key, messageId, outcome, reason }) => [key, outcome, reason, column, messageId]),
    ).toEqual([
      ['x', 'invalid', 'too_large', null, null],
      ['a\tb', 'accepted', null, null, 'id-0'],
      ['y', 'invalid', 'not_finite', 'score', null],
      ['c', 'accepted', null, null, 'id-1'],
    ]);
  });

  it('is unsent where nothing was posted or mapped, and adopted where nothing had to be', () => {
    const rows = planned('a', 'b');
    const of = (mapped: MappedPageAtRest | null) => outcomes(rows, mapped).map(({ outcome }) => outcome);
    expect(of(null)).toEqual(['unsent', 'unsent']);
    expect(of(page(['a', 'b'], [post(0, 1, 'throttled', 429, 1)]))).toEqual(['unsent', 'unsent']);
    expect(of(page(['a', 'b'], [], { batches: null, adopted: true }))).toEqual(['adopted', 'adopted']);
    expect(of(page(['a', 'b'], [], { batches: null, adopted: false }))).toEqual(['unsent', 'unsent']);
  });

  it('has the message itself only when that is asked for', () => {
    const mapped = page(['a'], [post(0, 1, 'accepted', 200, 1)]);
    expect(outcomes(planned('a'), mapped)[0]?.payload).toBeNull();
    expect(JSON.parse(outcomes(planned('a'), mapped, true)[0]?.payload ?? '')).toMatchObject({
      messageId: 'id-0',
    });
  });
});
