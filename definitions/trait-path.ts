/**
 * Where a value goes: `address.city` is `city` inside of the object `address`. A dot that belongs to a name is written
 * `\.`, a backslash `\\`; before anything else a backslash is itself.
 *
 * @returns the names from the outside in, or null when one of them is empty
 * @example
 * parseTraitPath('address.city'); // ['address', 'city']
 * parseTraitPath('v1\\.2'); // ['v1.2']
 */
export function parseTraitPath(text: string): string[] | null {
  const names = [''];
  for (const [token] of text.matchAll(/\\[.\\]|[^]/g)) {
    if (token === '.') names.push('');
    else names.push((names.pop() ?? '') + (token.length === 2 ? token.slice(1) : token));
  }
  return names.some((name) => name.trim() === '') ? null : names;
}

/** A name by itself stays as it is; the names of a path are written so that `parseTraitPath` reads them back. */
export const pathName = (path: readonly string[]): string =>
  path.length === 1
    ? (path[0] ?? '')
    : path.map((name) => name.replace(/\\(?=[.\\]|$)|\./g, (character) => `\\${character}`)).join('.');

/** Keeps who has which path, to find two that cannot both be: the same, or one inside of the other. */
export function pathRegister<Owner>(): {
  clash(path: readonly string[]): Owner | undefined;
  add(path: readonly string[], owner: Owner): void;
} {
  const values = new Map<string, Owner>();
  const objects = new Map<string, Owner>();
  const keyOf = (path: readonly string[]): string => JSON.stringify(path);
  const outer = (path: readonly string[]): string[] =>
    path.slice(1).map((_, depth) => keyOf(path.slice(0, depth + 1)));
  return {
    clash: (path) =>
      [keyOf(path), ...outer(path)].map((key) => values.get(key)).find((owner) => owner !== undefined) ??
      objects.get(keyOf(path)),
    add(path, owner) {
      values.set(keyOf(path), owner);
      for (const key of outer(path)) if (!objects.has(key)) objects.set(key, owner);
    },
  };
}
