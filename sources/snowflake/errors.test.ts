import { describe, expect, it } from '@jest/globals';
import { snowflakeError } from './errors.ts';

const failed = (code: string, said = 'said') =>
  snowflakeError('warehouse', Object.assign(new Error(said), { code, sqlState: '22018' }));

describe('snowflake: an error', () => {
  it.each([
    ['000612', 'source_result_expired'],
    ['000710', 'source_result_expired'],
    ['000666', 'source_suspended'],
    ['394302', 'source_clock_skew'],
    ['394303', 'source_clock_skew'],
    ['394304', 'source_credentials'],
    ['394400', 'source_credentials'],
    ['100038', 'source_query_failed'],
    ['300010', 'source_unreachable'],
  ])('%s is %s', (number, code) => {
    expect(failed(number).code).toBe(code);
  });

  it('tells nothing of a text that may quote a value', () => {
    const error = failed('100038', "Numeric value 'ada@example.com' is not recognized");
    expect(error.where).toBe('connection warehouse, 100038, 22018');
    expect(error.message).not.toContain('ada');
  });
});
