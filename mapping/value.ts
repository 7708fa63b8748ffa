import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { InvalidReason } from '../vocabulary/invalid.ts';
import { MAX_VALUE_BYTES, unescapeSpool } from '../vocabulary/spool.ts';
import { doubleKeeps } from '../vocabulary/decimal-text.ts';
import { jsonValue } from './json-value.ts';
import { textValue } from './text-value.ts';

/** The JSON text of a value, or why its row cannot be sent. */
export type WrittenValue = string | Unsendable;
export interface Unsendable {
  readonly invalid: InvalidReason;
}

export const tooLarge: Unsendable = { invalid: 'too_large' };
export const notConvertible: Unsendable = { invalid: 'not_convertible' };
export const templateFailed: Unsendable = { invalid: 'template_failed' };
const notFinite: Unsendable = { invalid: 'not_finite' };
const outOfRange: Unsendable = { invalid: 'timestamp_out_of_range' };
const jsonInvalid: Unsendable = { invalid: 'json_invalid' };
const unsendables: ReadonlySet<unknown> = new Set([tooLarge, notFinite, outOfRange, jsonInvalid]);

/** Whether a value is why one cannot be sent, and not a value that looks like it. */
export const isUnsendable = (value: unknown): value is Unsendable => unsendables.has(value);

/** No shorter string has more bytes in UTF-8, which takes at most three for each UTF-16 unit. */
const MAX_VALUE_UNITS = Math.floor(MAX_VALUE_BYTES / 3);
/** So many digits survive a double whatever they are (IEEE 754). */
const SAFE_DIGITS = 15;

const wholeNumber = /^-?(?:0|[1-9]\d*)$/;
const plainNumber = /^-?(?:\d+\.?\d*|\.\d+)$/;
const anyNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infiniteNumber = /^(?:NaN|-?Infinity)$/;
const timestamp = /^(?!0000)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:\+00)?$/;
const date = /^(?!0000)\d{4}-\d\d-\d\d$/;
/** `infinity`, a year before 1 or after 9999, in the ways in which warehouses write them. */
const otherTime = /^[+-]?infinity$|^-\d|^\+?\d{5,}-|^0000-| BC$/;

/**
 * Writes the values of a column as JSON, by its kind:
 *
 * | kind | JSON |
 * |---|---|
 * | text | string |
 * | integer | number up to ±(2^53 − 1), beyond it a string of its digits |
 * | decimal | number when a double says the same decimal number and it is not beyond ±(2^53 − 1), else a string as the text says |
 * | float | number; −0 is 0 |
 * | boolean | true or false |
 * | timestamp | string `YYYY-MM-DDTHH:MM:SS[.ffffff]Z` |
 * | date | string `YYYY-MM-DD` |
 * | json | itself, with the numbers that a double would change as strings |
 * | binary | string in base64 |
 *
 * The function takes a value as the spool writes it, not NULL. A value longer than `MAX_VALUE_BYTES` is too large before
 * anything is read of it: the source may have cut it.
 *
 * @throws BackhaulError row_unreadable when the text is not canonical for the kind
 */
export function valueWriter(column: Column): (written: string) => WrittenValue {
  const write = writerOf(column);
  return (written) => (isTooLarge(written) ? tooLarge : write(written));
}

/** Without the zeros at the end of a fraction, of which a division in SQL leaves many. */
function significantLength(decimal: string): number {
  let end = decimal.length;
  if (decimal.includes('.')) while (decimal.endsWith('0', end)) end -= 1;
  return end;
}

/** @param written as the spool writes it */
export const isTooLarge = (written: string): boolean =>
  written.length > MAX_VALUE_UNITS && Buffer.byteLength(unescapeSpool(written)) > MAX_VALUE_BYTES;

function writerOf({ kind, name }: Column): (written: string) => WrittenValue {
  const unreadable = (): never => {
    throw new BackhaulError('row_unreadable', `column "${name}", kind ${kind}`);
  };
  switch (kind) {
    case 'text':
    case 'binary':
      return textValue;
    case 'integer':
      return (text) => {
        if (!wholeNumber.test(text)) return unreadable();
        return text.length <= SAFE_DIGITS || Number.isSafeInteger(Number(text)) ? text : `"${text}"`;
      };
    case 'decimal':
      return (text) => {
        if (!plainNumber.test(text)) return infiniteNumber.test(text) ? notFinite : unreadable();
        const double = Number(text);
        const kept =
          significantLength(text) <= SAFE_DIGITS ||
          (Math.abs(double) <= Number.MAX_SAFE_INTEGER && doubleKeeps(text));
        return kept ? String(double) : `"${text}"`;
      };
    case 'float':
      return (text) => {
        if (!anyNumber.test(text)) return infiniteNumber.test(text) ? notFinite : unreadable();
        const double = Number(text);
        return Number.isFinite(double) ? String(double) : notFinite;
      };
    case 'boolean':
      return (text) => (text === 't' ? 'true' : text === 'f' ? 'false' : unreadable());
    case 'timestamp':
      return (text) => {
        if (!timestamp.test(text)) return otherTime.test(text) ? outOfRange : unreadable();
        const end = text.endsWith('+00') ? -3 : undefined;
        return `"${text.slice(0, 10)}T${text.slice(11, end)}Z"`;
      };
    case 'date':
      return (text) => {
        if (!date.test(text)) return otherTime.test(text) ? outOfRange : unreadable();
        return `"${text}"`;
      };
    case 'json':
      return (written) => jsonValue(unescapeSpool(written)) ?? jsonInvalid;
  }
}
