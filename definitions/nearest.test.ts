import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearestName, suggestName } from './nearest.ts';

const known = ['email', 'plan', 'logins_30d', 'writeKey', 'id'];

describe('the name that was probably meant', () => {
  it.each([
    ['emial', 'email'],
    ['emails', 'email'],
    ['Email', 'email'],
    ['EMAIL', 'email'],
    ['plam', 'plan'],
    ['logins30d', 'logins_30d'],
    ['logins_30', 'logins_30d'],
    ['write_key', 'writeKey'],
    ['write-key', 'writeKey'],
    ['ids', 'id'],
  ])('by %j is %s', (word, name) => {
    expect(nearestName(word, known)).toBe(name);
  });

  it.each(['city', 'phone', 'last_seen_at', '', '__plus__', '-'])('by %j is none of them', (word) => {
    expect(nearestName(word, known)).toBeNull();
  });

  it('is the nearest of several', () => {
    expect(nearestName('created_at', ['crated_it', 'created_a', 'createdAt'])).toBe('createdAt');
  });

  it('is itself, for a name that is known', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,20}$/), { minLength: 1 });
    fc.assert(
      fc.property(names, fc.nat(), (all, pick) => {
        const name = all[pick % all.length] ?? '';
        expect(nearestName(name, all)).toBe(name);
      }),
    );
  });

  it('is not looked for when a word is as long as a text', () => {
    expect(nearestName('x'.repeat(201), ['x'.repeat(200)])).toBeNull();
  });

  it('is suggested, or else what there is', () => {
    expect(suggestName('emial', known, 'Add it.')).toBe('Did you mean "email"?');
    expect(suggestName('city', ['b', 'a'], 'Add it.')).toBe('Known: a, b.');
    expect(suggestName('city', [], 'Add it.')).toBe('Add it.');
  });
});
