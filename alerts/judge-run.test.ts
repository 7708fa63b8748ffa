import { describe, expect, it } from '@jest/globals';
import type { AlertConditions } from '../definitions/alert.ts';
import { noMessages, noRows, type Run } from '../vocabulary/run.ts';
import { judgeRun } from './judge-run.ts';

const run = (fields: Partial<Run> = {}): Run => ({
  id: 'a',
  number: 7,
  sync: 'users',
  status: 'completed',
  withErrors: false,
  mode: 'incremental',
  modeReason: null,
  rows: { ...noRows(), read: 100, unchanged: 90, added: 10 },
  messages: { ...noMessages(), planned: 10, accepted: 10 },
  requests: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:10:00.000Z',
  error: null,
  retrying: null,
  warnings: [],
  temporal: { workflowId: 'sync/users', runId: 'a', url: null },
  ...fields,
});
const judged = (
  when: AlertConditions,
  fields: Partial<Run> = {},
  more: { usual?: number[]; waitedMs?: number } = {},
): Record<string, string> =>
  Object.fromEntries(
    judgeRun(when, { run: run(fields), usual: [], waitedMs: 0, ...more }).map(({ condition, is }) => [
      condition,
      is,
    ]),
  );

describe('a run that has ended', () => {
  it.each([
    ['completed', 'over'],
    ['failed', 'so'],
    ['cancelled', undefined],
  ] as const)('that is %s says %s of "failed"', (status, is) => {
    expect(judged({ failed: true }, { status }).failed).toBe(is);
  });

  it('that read nothing says nothing of its rows', () => {
    const early = { status: 'failed', rows: noRows(), messages: noMessages() } as const;
    expect(
      judged({ invalid: 0, rejected: 0, rows: '10%', runtime: '1h' }, early, { usual: [5, 5, 5] }),
    ).toEqual({});
  });

  it.each([
    ['5%', 5, 'over'],
    ['5%', 6, 'so'],
    [5, 5, 'over'],
    [5, 6, 'so'],
    [0, 1, 'so'],
  ] as const)('with a limit of %s and %d invalid rows of 100 is %s', (limit, invalid, is) => {
    const rows = { ...noRows(), read: 100, unchanged: 100 - invalid, invalid };
    expect(judged({ invalid: limit }, { rows })).toEqual({ invalid: is });
  });

  it('that failed over its rejected messages still says how many', () => {
    const messages = { planned: 10, accepted: 5, rejected: 5 };
    expect(judged({ rejected: '20%' }, { status: 'failed', messages })).toEqual({ rejected: 'so' });
  });

  it('is held against the median, not the mean, of those before it', () => {
    const usual = [100, 100, 100, 100_000];
    expect(judged({ rows: '50%' }, { rows: { ...noRows(), read: 151 } }, { usual })).toEqual({ rows: 'so' });
    expect(judged({ rows: '50%' }, { rows: { ...noRows(), read: 150 } }, { usual })).toEqual({
      rows: 'over',
    });
    expect(judged({ rows: '50%' }, { rows: { ...noRows(), read: 49 } }, { usual })).toEqual({ rows: 'so' });
  });

  it('is not held against fewer than three', () => {
    expect(judged({ rows: '1%' }, {}, { usual: [1, 1] })).toEqual({});
  });

  it('does not count its wait for an approval as runtime', () => {
    expect(judged({ runtime: '5m' })).toEqual({ runtime: 'so' });
    expect(judged({ runtime: '5m' }, {}, { waitedMs: 6 * 60_000 })).toEqual({ runtime: 'over' });
  });

  it('says why it sent all rows, and nothing when it did not', () => {
    expect(judged({ fullSync: true })).toEqual({});
    expect(
      judgeRun(
        { fullSync: true },
        { run: run({ mode: 'full', modeReason: 'first run' }), usual: [], waitedMs: 0 },
      ),
    ).toEqual([{ condition: 'fullSync', is: 'happened', message: 'run 7 sent all rows: first run' }]);
  });

  it.each(['cancelled', 'failed'] as const)(
    'that is %s sent all rows only as far as it sent any',
    (status) => {
      const full = { mode: 'full', modeReason: 'first run', status } as const;
      expect(judged({ fullSync: true }, { ...full, messages: { ...noMessages(), planned: 10 } })).toEqual({});
      expect(
        judgeRun({ fullSync: true }, { run: run(full), usual: [], waitedMs: 0 }).map(
          ({ message }) => message,
        ),
      ).toEqual(['run 7 began to send all rows: first run']);
    },
  );

  it('that adopts rows is not held against the median', () => {
    expect(judged({ rows: '10%' }, { mode: 'adopt' }, { usual: [5, 5, 5] })).toEqual({});
  });

  it('says nothing to what is switched off', () => {
    expect(judged({ failed: false, fullSync: false, finished: false })).toEqual({});
  });
});
