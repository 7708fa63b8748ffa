import { endOfValue, readArray, readObject } from './json-text.ts';

/**
 * The part of a JSON text that an offset lies in.
 *
 * @example
 * placeInJson('{"bool":{"must":[{"trem":1}]}}', 20, 'query') // 'query.bool.must[0].trem'
 */
export function placeInJson(text: string, offset: number, name: string): string {
  let place = name;
  const look = (start: number, path: string): number => {
    const end = endOfValue(text, start);
    // The last one that holds it is the innermost.
    if (start <= offset && offset <= end) place = path;
    else return end;
    if (text[start] === '{') {
      readObject(text, start, (key, at) => {
        const inner = `${path}.${key}`;
        // An unknown name is pointed at by its key, which stands before the value.
        if (offset < at && offset >= at - key.length - 3) place = inner;
        return look(at, inner);
      });
    }
    if (text[start] === '[') {
      let index = 0;
      readArray(text, start, (at) => look(at, `${path}[${index++}]`));
    }
    return end;
  };
  look(0, name);
  return place;
}
