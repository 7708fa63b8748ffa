import type { ValueType } from '../definitions/mapping-entry.ts';
import type { Column, ColumnKind } from '../vocabulary/columns.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import { doubleKeeps } from '../vocabulary/decimal-text.ts';
import { isoTime } from './iso-time.ts';
import { notConvertible, valueWriter, type Unsendable, type WrittenValue } from './value.ts';

const becomes: Readonly<Record<Exclude<ValueType, 'string'>, readonly ColumnKind[]>> = {
  number: ['text', 'integer', 'decimal', 'float', 'boolean', 'json'],
  integer: ['text', 'integer', 'decimal', 'float', 'boolean', 'json'],
  boolean: ['text', 'integer', 'decimal', 'float', 'boolean', 'json'],
  // A number may count seconds or milliseconds.
  datetime: ['text', 'timestamp', 'date', 'json'],
};

/** Whether some value of the kind can become the type; which of them do is seen row by row. */
export const canBecome = (kind: ColumnKind, type: ValueType): boolean =>
  type === 'string' || becomes[type].includes(kind);

/** Writes the values of a column as JSON of that type, without changing what they say. */
export function convertingWriter(column: Column, type: ValueType): (written: string) => WrittenValue {
  const read = textReader(column);
  const isBoolean = column.kind === 'boolean';
  return (written) => {
    const text = read(written);
    if (typeof text !== 'string') return text ?? 'null';
    return textAs(type, isBoolean && type !== 'string' && type !== 'boolean' ? bit(text) : text);
  };
}

/** A text as JSON of the type; not convertible when it says something else, or would lose digits. */
export function textAs(type: ValueType, text: string): WrittenValue {
  switch (type) {
    case 'string':
      return JSON.stringify(text);
    case 'number':
      return numberOf(text) ?? notConvertible;
    case 'integer': {
      const number = numberOf(text);
      return number !== null && Number.isSafeInteger(Number(number)) ? number : notConvertible;
    }
    case 'boolean':
      return booleans.get(text.trim().toLowerCase()) ?? notConvertible;
    case 'datetime': {
      const time = isoTime(text);
      return time === null ? notConvertible : `"${time}"`;
    }
  }
}

/**
 * The text that a value has when it is sent as a string: numbers with all the digits that the warehouse writes, `true`
 * and `false`, times in ISO 8601, JSON texts without their quotes and other JSON as it is written. Null for the null of
 * JSON.
 */
export function textReader(column: Column): (written: string) => string | null | Unsendable {
  const write = valueWriter(column);
  switch (column.kind) {
    case 'text':
    case 'integer':
    case 'decimal':
      return (written) => {
        const json = write(written);
        return typeof json === 'string' ? unescapeSpool(written) : json;
      };
    case 'json':
      return (written) => {
        const json = write(written);
        if (typeof json !== 'string') return json;
        if (json === 'null') return null;
        return json.startsWith('"') ? (JSON.parse(json) as string) : json;
      };
    case 'float':
    case 'boolean':
      return write;
    case 'timestamp':
    case 'date':
    case 'binary':
      return (written) => {
        const json = write(written);
        return typeof json === 'string' ? json.slice(1, -1) : json;
      };
  }
}

const bit = (text: string): string => (text === 'true' ? '1' : '0');

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The JSON number that says the same, or null. */
function numberOf(text: string): string | null {
  const trimmed = text.trim();
  if (!numeric.test(trimmed)) return null;
  const plain = trimmed.startsWith('+') ? trimmed.slice(1) : trimmed;
  return doubleKeeps(plain) ? String(Number(plain)) : null;
}

/** What PostgreSQL takes for a boolean. */
const booleans: ReadonlyMap<string, string> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, 'true'] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, 'false'] as const),
]);
