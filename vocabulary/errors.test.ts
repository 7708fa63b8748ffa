import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BackhaulError } from './backhaul-error.ts';
import { errorTable, isErrorCode, type ErrorCode, type ErrorEntry } from './errors.ts';
import { errorsPage } from './errors-page.ts';

const entries = Object.entries(errorTable) as [ErrorCode, ErrorEntry][];

const commands = (
  'dev worker serve migrate connect validate apply export list runs describe check preview recap run adopt ' +
  'approve decline cancel pause resume rows send history retry keys audit schedules writeback redeliver notifications alerts'
).split(' ');

describe('every error', () => {
  it.each(entries)('%s says what it means and what to do, in sentences', (code, { meaning, action }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    for (const text of [meaning, action]) {
      expect(text).toMatch(/^\S.*\S$/);
      expect(text).toMatch(/[^.]\.$/);
      expect((text.match(/`/g) ?? []).length % 2).toBe(0);
    }
    expect(meaning).toMatch(/^([A-Z`]|syncRun )/);
    expect(action).toMatch(/^[A-Z`]/);
  });

  it.each(entries)('%s has an exit code of a command that did not do its work', (_, { exit }) => {
    expect([1, 2, 3, 4, 5]).toContain(exit);
  });

  it.each(entries)(
    '%s does not ask to write the same by hand that is retried by itself',
    (_, { exit, retryable }) => {
      // Wrong usage and wrong definitions do not pass by waiting.
      if (exit === 2 || exit === 3) expect(retryable).toBe(false);
    },
  );

  it.each(entries)('%s names commands that the interface has', (_, { action }) => {
    for (const [, command] of action.matchAll(/`backhaul ([a-z]+)/g)) expect(commands).toContain(command);
  });

  it('is thrown with where it happened, and shown with what to do', () => {
    const error = new BackhaulError('source_busy', 'connection warehouse, 53300');
    const { meaning, action } = errorTable.source_busy;
    expect(error.view()).toEqual({
      code: 'source_busy',
      message: `${meaning} (connection warehouse, 53300)`,
      action,
    });
    expect(new BackhaulError('source_busy').message).toBe(meaning);
    expect(new BackhaulError('source_busy', '', { action: 'Wait.' }).view().action).toBe('Wait.');
  });
});

it.each(['toString', '__proto__', 'constructor', '', 'SOURCE_BUSY'])('%j is no code', (text) => {
  expect(isErrorCode(text)).toBe(false);
});

it('docs/errors.md says what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsPage());
});
