import { describe, expect, it } from '@jest/globals';
import { noMessages, noRows, type Run } from '../../../vocabulary/run.ts';
import { censusRun } from './run-document.ts';

const numbered = {
  id: 7,
  run_id: 'r',
  sync: 'users',
  full_sync: true,
  triggered_by: null,
  created_at: new Date('2026-01-01T00:00:00Z'),
};
const run = (part: Partial<Run>): Run => ({
  id: 'r',
  number: 1,
  sync: 'users',
  status: 'working',
  withErrors: false,
  mode: null,
  modeReason: null,
  rows: noRows(),
  messages: noMessages(),
  requests: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  error: null,
  retrying: null,
  warnings: [],
  temporal: { workflowId: 'sync/users', runId: 'r', url: null },
  ...part,
});
const shown = (part: Partial<Run>) => censusRun(run(part), numbered, 3);

describe("a run in Census's words", () => {
  it('works as long as it has not ended, whatever it waits for', () => {
    expect(shown({ status: 'awaiting_approval' })).toMatchObject({
      status: 'working',
      current_step: 'Waiting for an approval',
      completed_at: null,
    });
    expect(shown({ status: 'paused' })).toMatchObject({ status: 'working', current_step: 'Paused' });
  });

  it('is a full one when it sends all rows, and until that is known when that was asked for', () => {
    expect(shown({ mode: null }).full_sync).toBe(true);
    expect(shown({ mode: 'incremental' }).full_sync).toBe(false);
  });

  it('counts what it sends, what Segment took and refused, and what was not sent', () => {
    const rows = { ...noRows(), read: 10, added: 3, changed: 2, invalid: 1 };
    const messages = { planned: 6, accepted: 4, rejected: 2 };
    expect(shown({ rows, messages })).toMatchObject({
      source_record_count: 10,
      records_processed: 6,
      records_updated: 4,
      records_failed: 2,
      records_invalid: 1,
    });
  });

  it('that was cancelled is a failed one, and says so', () => {
    expect(shown({ status: 'cancelled', finishedAt: '2026-01-01T00:01:00.000Z' })).toMatchObject({
      status: 'failed',
      canceled: true,
      error_code: null,
      error_message: 'The run was cancelled.',
      completed_at: '2026-01-01T00:01:00.000Z',
      updated_at: '2026-01-01T00:01:00.000Z',
    });
  });
});
