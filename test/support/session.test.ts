import { describe, expect, it } from '@jest/globals';
import { exchangesOf, firstNotSaid } from './session.ts';

describe('a session that a page shows', () => {
  it('has commands, over several lines too, and what each says', () => {
    expect(exchangesOf('$ a \\\n  b\nsaid\n$ c\n')).toEqual([
      { command: 'a \\\n  b', says: ['said'] },
      { command: 'c', says: [] },
    ]);
    expect(() => exchangesOf('said\n')).toThrow('begins with a command');
  });

  it.each([
    [['users run 1: completed in 1.6 s'], 'users run 1: completed in 22.0 s\n'],
    [['first', '…', 'last'], 'first\nsecond\nthird\nlast\n'],
    [['…', 'last …'], 'first\nlast of all\n'],
    [['a  b', '…'], 'a b\nc\n'],
  ])('is told from what was said: %j is', (says, said) => {
    expect(firstNotSaid(says, said)).toBeNull();
  });

  it.each([
    [['users run 2: completed'], 'users run 1: completed\n', 'users run 2: completed'],
    [['first', 'last'], 'first\nsecond\nlast\n', 'last'],
    [['first'], 'first\nsecond\n', 'nothing more after 1 lines'],
    [['a.c'], 'abc\n', 'a.c'],
  ])('is told from what was said: %j is not', (says, said, line) => {
    expect(firstNotSaid(says, said)).toBe(line);
  });
});
