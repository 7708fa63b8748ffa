import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTraitPath, pathName, pathRegister } from './trait-path.ts';

describe('where a value goes', () => {
  it.each<[string, string[] | null]>([
    ['plan', ['plan']],
    ['address.city', ['address', 'city']],
    ['a.b.c', ['a', 'b', 'c']],
    ['v1\\.2', ['v1.2']],
    ['a\\.b.c', ['a.b', 'c']],
    ['a\\\\.b', ['a\\', 'b']],
    ['a\\b', ['a\\b']],
    ['a\\', ['a\\']],
    ['E-Mail  ADDRESS', ['E-Mail  ADDRESS']],
    ['__proto__.x', ['__proto__', 'x']],
    ['\ud800.😀', ['\ud800', '😀']],
    ['', null],
    ['.', null],
    ['a.', null],
    ['.a', null],
    ['a. .b', null],
  ])('%j: %j', (text, path) => {
    expect(parseTraitPath(text)).toEqual(path);
  });

  it('a path is read back from its name, whatever its names are', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', '.', '\\', ' ', '😀') })
      .filter((text) => /\S/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 2, maxLength: 4 }), (path) => {
        expect(parseTraitPath(pathName(path))).toEqual(path);
      }),
    );
  });
});

describe('paths that cannot both be', () => {
  it('are the same, or one inside of the other', () => {
    const name = fc.constantFrom('a', 'b');
    const path = fc.array(name, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(path, path, (one, other) => {
        const register = pathRegister<string>();
        register.add(one, 'one');
        const depth = Math.min(one.length, other.length);
        const clash = one.slice(0, depth).join() === other.slice(0, depth).join();
        expect(register.clash(other)).toBe(clash ? 'one' : undefined);
      }),
    );
  });
});
