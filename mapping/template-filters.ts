import { filters as liquidFilters, type FilterImplOptions } from 'liquidjs';
import { doubleKeeps } from '../vocabulary/decimal-text.ts';
import { isoTime } from './iso-time.ts';

type Handler = Extract<FilterImplOptions, (...args: never[]) => unknown>;

const handlerOf = (name: string): Handler => {
  const filter = liquidFilters[name];
  if (filter === undefined) throw new Error(`Liquid has no filter ${name}`);
  return typeof filter === 'function' ? filter : filter.handler;
};

/** Filters of Liquid that calculate: in doubles, so what a double would change is refused before, and after. */
const calculating = [
  ...['abs', 'at_least', 'at_most', 'ceil', 'divided_by', 'floor', 'minus', 'modulo', 'plus', 'round'],
  ...['times', 'to_integer'],
];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const exact = (name: string): Handler =>
  function (value: unknown, ...args: unknown[]): unknown {
    for (const number of [value, ...args].flat()) {
      const isSound = typeof number === 'string' ? doubleKeeps(number) : !isObject(number);
      if (!isSound) throw new Error(`${name}: no number, or too long`);
    }
    const result: unknown = handlerOf(name).call(this, value, ...args);
    if (typeof result !== 'number' || Math.abs(result) <= Number.MAX_SAFE_INTEGER) return result;
    throw new Error(`${name}: beyond what a number holds`);
  };

/** Of the items of a list, or of a member that each of them has: `sum: "price"`. */
const sum: Handler = function (value: unknown, member: unknown): unknown {
  const items = [value].flat();
  const names = typeof member === 'string' && member !== '' ? member.split('.') : [];
  const numbers = items.map((item) => names.reduce<unknown>(memberOf, item));
  return exact('sum').call(this, numbers) as unknown;
};

const memberOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null;

/** Filters of Liquid that read a time. */
const timely = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];

/** A text is read as a time in UTC or not at all: `now`, and the time zone of the worker, play no part. */
const ofTime = (name: string): Handler =>
  function (value: unknown, ...args: unknown[]): unknown {
    const time = typeof value === 'string' ? isoTime(value) : isObject(value) ? null : value;
    if (time === null && value !== null) throw new Error(`${name}: no time in ISO 8601`);
    return handlerOf(name).call(this, time, ...args);
  };

/** Of a null, null: Liquid would hash the empty text. */
const sha256: Handler = function (value: unknown): unknown {
  return value === null || value === undefined ? null : (handlerOf('sha256').call(this, value) as unknown);
};

export const templateFilters: Readonly<Record<string, FilterImplOptions>> = {
  ...Object.fromEntries(calculating.map((name) => [name, exact(name)])),
  ...Object.fromEntries(timely.map((name) => [name, ofTime(name)])),
  sum,
  sha256,
};
