import type { ColumnKind } from '../../vocabulary/columns.ts';
import { escapeSpool } from '../../vocabulary/spool.ts';
import { isString, stringAt } from './json-text.ts';

const wholeNumber = /^-?\d+$/;
const anyNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const notFinite = /^(?:NaN|-?Infinity)$/;

/**
 * The canonical text of a JSON value, as the spool writes it; null when it is none of the kind.
 *
 * @param maxBytes a longer value may be cut, and stays longer
 */
export function canonical(
  kind: ColumnKind,
  text: string,
  start: number,
  end: number,
  maxBytes: number,
): string | null {
  if (kind === 'json') return spooled(text.slice(start, end), maxBytes);
  const value = isString(text, start) ? stringAt(text, start, end) : text.slice(start, end);
  switch (kind) {
    case 'integer':
      return wholeNumber.test(value) ? value : null;
    case 'float':
    case 'decimal':
      if (anyNumber.test(value)) return String(Number(value));
      return notFinite.test(value) ? value : null;
    case 'boolean':
      return value === 'true' ? 't' : value === 'false' ? 'f' : null;
    case 'timestamp':
      return timestamp(value);
    case 'date':
      return value.split('T', 1)[0] ?? null;
    case 'binary':
      return spooled(value.replace(/\s+/g, ''), maxBytes);
    case 'text':
      return spooled(value, maxBytes);
  }
}

/** No text has fewer bytes than UTF-16 units. */
const spooled = (value: string, maxBytes: number): string =>
  escapeSpool(value.length > maxBytes ? value.slice(0, maxBytes + 1) : value);

/** Out of strict_date_optional_time_nanos in UTC, which fills up fractions with zeros. */
function timestamp(value: string): string | null {
  const at = value.indexOf('T');
  if (at < 0 || !value.endsWith('Z')) return null;
  let end = value.length - 1;
  if (value.includes('.', at)) {
    while (value.endsWith('0', end)) end -= 1;
    if (value.endsWith('.', end)) end -= 1;
  }
  return `${value.slice(0, at)} ${value.slice(at + 1, end)}`;
}
