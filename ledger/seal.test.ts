import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyIdOf, seal, unseal } from './seal.ts';

const [first, second] = [randomBytes(32), randomBytes(32)];
const place = { owner: 'segment', field: 'token' };
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('a sealed secret', () => {
  it('opens by its own key, whatever it holds and wherever the key stands in the list', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (secret) => {
        const sealed = seal([first], place, secret);
        return unseal([second, first], place, sealed) === secret;
      }),
    );
  });

  it('is another one each time, and does not hold the secret or the key', () => {
    const one = seal([first], place, 'planted-secret');
    expect(one.keyId).toBe(keyIdOf(first));
    expect(one.sealed.equals(seal([first], place, 'planted-secret').sealed)).toBe(false);
    expect(one.sealed.toString('latin1')).not.toContain('planted');
    expect(first.toString('hex')).not.toContain(one.keyId);
  });

  it('does not open without its key, in another place, or changed', () => {
    const sealed = seal([first], place, 'planted-secret');
    expect(() => unseal([], place, sealed)).toThrow(code('encryption_keys_missing'));
    expect(() => unseal([second], place, sealed)).toThrow(code('secret_unreadable'));
    expect(() => unseal([first], { ...place, owner: 'other' }, sealed)).toThrow(code('secret_unreadable'));
    expect(() => unseal([first], { ...place, field: 'writeKey' }, sealed)).toThrow(code('secret_unreadable'));
    for (const byte of [0, 12, 28, sealed.sealed.length - 1]) {
      const changed = Buffer.from(sealed.sealed);
      changed[byte] = (changed[byte] ?? 0) ^ 1;
      expect(() => unseal([first], place, { ...sealed, sealed: changed })).toThrow(code('secret_unreadable'));
    }
    expect(() => unseal([first], place, { ...sealed, sealed: Buffer.alloc(3) })).toThrow(
      code('secret_unreadable'),
    );
  });
});
