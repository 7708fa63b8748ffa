import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/**
 * Reads JSON as text, and never makes a number of a number: `JSON.parse` would round a long beyond 2^53, also in the sort
 * values by which the next page is asked for. Positions are offsets in the text.
 *
 * @module
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

const unreadable = (): BackhaulError =>
  new BackhaulError('source_interrupted', 'the answer is no whole JSON');

/**
 * Reads an object from its brace.
 *
 * @param visit is told each key and where its value starts, and answers where that ends
 * @returns where the object ends
 */
export function readObject(text: string, start: number, visit: (key: string, at: number) => number): number {
  let at = afterSpace(text, expect(text, start, OPEN_OBJECT));
  if (text.charCodeAt(at) === CLOSE_OBJECT) return at + 1;
  for (;;) {
    const end = endOfString(text, at);
    const key = stringAt(text, at, end);
    at = afterSpace(text, expect(text, afterSpace(text, end), COLON));
    at = afterSpace(text, visit(key, at));
    if (text.charCodeAt(at) !== COMMA) return expect(text, at, CLOSE_OBJECT);
    at = afterSpace(text, at + 1);
  }
}

/** Reads an array from its bracket; likewise. */
export function readArray(text: string, start: number, visit: (at: number) => number): number {
  let at = afterSpace(text, expect(text, start, OPEN_ARRAY));
  if (text.charCodeAt(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = afterSpace(text, visit(at));
    if (text.charCodeAt(at) !== COMMA) return expect(text, at, CLOSE_ARRAY);
    at = afterSpace(text, at + 1);
  }
}

/** Where the value that starts there ends. */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfNested(text, start);
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || code <= SPACE) break;
  }
  if (at === start) throw unreadable();
  return at;
}

/** The string between two positions that `endOfValue` gave, quotes included. */
export function stringAt(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  return inside.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inside;
}

export const isString = (text: string, at: number): boolean => text.charCodeAt(at) === QUOTE;
export const isArray = (text: string, at: number): boolean => text.charCodeAt(at) === OPEN_ARRAY;
export const isObject = (text: string, at: number): boolean => text.charCodeAt(at) === OPEN_OBJECT;

function endOfString(text: string, start: number): number {
  if (!isString(text, start)) throw unreadable();
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) throw unreadable();
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw unreadable();
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

function expect(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw unreadable();
  return at + 1;
}
