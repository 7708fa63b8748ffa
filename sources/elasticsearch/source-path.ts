import { endOfValue, isArray, isObject, readArray, readObject } from './json-text.ts';

/**
 * What a document has under a dotted path, as JSON text; null where it has nothing. A document may write `a.b` as one
 * key, or `b` in an object `a`, or in each of several objects: several values come as an array.
 */
export function valueAtPath(source: string, path: string): string | null {
  const whole: string[] = [];
  const parts: string[] = [];
  collect(source, 0, path, whole, parts);
  if (parts.length > 0) whole.push(`{${parts.join(',')}}`);
  return whole.length > 1 ? `[${whole.join(',')}]` : (whole[0] ?? null);
}

function collect(text: string, start: number, path: string, whole: string[], parts: string[]): number {
  if (isArray(text, start)) return readArray(text, start, (at) => collect(text, at, path, whole, parts));
  if (!isObject(text, start)) return endOfValue(text, start);
  return readObject(text, start, (key, at) => {
    const end = endOfValue(text, at);
    const value = text.slice(at, end);
    if (key === path) {
      if (value !== 'null') whole.push(value);
    } else if (path.startsWith(`${key}.`)) {
      collect(text, at, path.slice(key.length + 1), whole, parts);
    } else if (key.startsWith(`${path}.`)) {
      parts.push(`${JSON.stringify(key.slice(path.length + 1))}:${value}`);
    }
    return end;
  });
}
