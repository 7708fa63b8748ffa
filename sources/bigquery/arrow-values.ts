import { Type, type Data, type Interval, type Timestamp, type Decimal } from 'apache-arrow';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Field } from './columns.ts';
import { decimalText, floatText, jsonOf, objectOf } from './scalar-text.ts';
import { clockText, dayText, intervalOf, intervalText, momentText } from './time-text.ts';

/** The canonical text of the value in a row; null is NULL. */
type Read = (row: number) => string | null;

const MICROS_A_SECOND = 1_000_000;
/** A number with such upper 32 bits is below 2^53. */
const SAFE_HIGH = 2 ** 21;

/**
 * Reads a column of a record batch out of Arrow's own buffers: the values that apache-arrow would make of them are rounded
 * (a timestamp becomes milliseconds, https://github.com/apache/arrow-js/blob/main/src/visitor/get.ts).
 */
export function arrowReader(field: Field, data: Data): Read {
  if (!field.repeated) return single(field, data);
  const [child] = data.children;
  if (child === undefined || data.typeId !== Type.List) throw unreadable(field, data);
  const element = jsonReader({ ...field, repeated: false }, child);
  const offsets = offsetsOf(data);
  return (row) => {
    // The API gives a NULL array as an empty one, and so does this.
    if (!data.getValid(row)) return '[]';
    const items: string[] = [];
    for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item += 1) items.push(element(item));
    return `[${items.join(',')}]`;
  };
}

function single(field: Field, data: Data): Read {
  const read =
    field.type === 'STRUCT' || field.type === 'RANGE' ? composed(field, data) : scalar(field, data);
  return (row) => (data.getValid(row) ? read(row) : null);
}

function jsonReader(field: Field, data: Data): (row: number) => string {
  const read = arrowReader(field, data);
  if (field.repeated) return (row) => read(row) ?? '[]';
  return (row) => {
    const text = read(row);
    return text === null ? 'null' : jsonOf(field.type, text);
  };
}

function composed({ type, fields, name }: Field, data: Data): (row: number) => string {
  // A range is a struct of its two ends.
  const [element] = fields;
  const parts =
    type === 'RANGE' && element !== undefined
      ? ['start', 'end'].map((end) => ({ ...element, name: end }))
      : fields;
  const names = parts.map((part) => JSON.stringify(part.name));
  const readers = parts.map((part, position) => {
    const child = data.children[position];
    if (child === undefined) throw unreadable({ type, name }, data);
    return jsonReader(part, child);
  });
  return (row) =>
    objectOf(
      names,
      readers.map((read) => read(row)),
    );
}

function scalar(field: Field, data: Data): (row: number) => string {
  const values: unknown = data.values;
  switch (data.typeId) {
    case Type.Int:
      return numbers(values, (value) => String(value));
    case Type.Float:
      return numbers(values, (value) => floatText(Number(value)));
    case Type.Bool: {
      const bits = values as Uint8Array;
      return (row) => (bit(bits, data.offset + row) ? 't' : 'f');
    }
    case Type.Utf8: {
      const cut = bytes(data);
      return field.type === 'INTERVAL'
        ? (row) => intervalText(cut(row).toString('utf8'))
        : (row) => cut(row).toString('utf8');
    }
    case Type.Binary: {
      const cut = bytes(data);
      return (row) => cut(row).toString('base64');
    }
    case Type.Decimal:
      return decimals(values as Uint32Array, (data.type as Decimal).scale, (data.type as Decimal).bitWidth);
    case Type.Date:
      return numbers(values, (value) => dayText(Number(value)));
    case Type.Time:
      return numbers(values, (value) => {
        const micros = Number(value);
        return clockText(Math.floor(micros / MICROS_A_SECOND), micros % MICROS_A_SECOND);
      });
    case Type.Timestamp: {
      const zone = (data.type as Timestamp).timezone ? '+00' : '';
      return numbers(values, (value) => momentText(String(value)) + zone);
    }
    case Type.Interval:
      return intervals(field, data as Data<Interval>);
    default:
      throw unreadable(field, data);
  }
}

function numbers(values: unknown, write: (value: number | bigint) => string): (row: number) => string {
  const array = values as ArrayLike<number | bigint>;
  return (row) => write(array[row] ?? 0);
}

const bit = (bits: Uint8Array, position: number): boolean =>
  ((bits[position >> 3] ?? 0) & (1 << (position & 7))) !== 0;

const offsetsOf = (data: Data): Int32Array => data.valueOffsets as Int32Array;

function bytes(data: Data): (row: number) => Buffer {
  const all = data.values as Uint8Array;
  const offsets = offsetsOf(data);
  const buffer = Buffer.from(all.buffer, all.byteOffset, all.byteLength);
  return (row) => buffer.subarray(offsets[row] ?? 0, offsets[row + 1] ?? 0);
}

/** Two's complement, the lowest 32 bits first. Most values fit a double; the others are made of a BigInt. */
function decimals(words: Uint32Array, scale: number, bits: number): (row: number) => string {
  const width = bits / 32;
  const small = (at: number): number | null => {
    const high = (words[at + 1] ?? 0) | 0;
    if (high >= SAFE_HIGH || high < -SAFE_HIGH) return null;
    const sign = high < 0 ? 0xff_ff_ff_ff : 0;
    for (let word = 2; word < width; word += 1) if (words[at + word] !== sign) return null;
    return high * 2 ** 32 + (words[at] ?? 0);
  };
  const large = (at: number): bigint => {
    let unscaled = 0n;
    for (let word = width - 1; word >= 0; word -= 1) {
      unscaled = (unscaled << 32n) | BigInt(words[at + word] ?? 0);
    }
    return BigInt.asIntN(bits, unscaled);
  };
  return (row) => {
    const at = row * width;
    const text = String(small(at) ?? large(at));
    const negative = text.startsWith('-');
    const digits = (negative ? text.slice(1) : text).padStart(scale + 1, '0');
    const point = digits.length - scale;
    const decimal = scale === 0 ? digits : decimalText(`${digits.slice(0, point)}.${digits.slice(point)}`);
    return negative ? `-${decimal}` : decimal;
  };
}

/** Months, days and nanoseconds, 16 bytes a value. */
function intervals(field: Field, data: Data<Interval>): (row: number) => string {
  const words: Int32Array = data.values;
  const WORDS = 4;
  if (words.length < data.length * WORDS) throw unreadable(field, data);
  return (row) => {
    const at = row * WORDS;
    const nanos = (BigInt(words[at + 3] ?? 0) << 32n) | BigInt((words[at + 2] ?? 0) >>> 0);
    return intervalOf(words[at] ?? 0, words[at + 1] ?? 0, nanos);
  };
}

const unreadable = ({ name, type }: { name: string; type: string }, data: Data): BackhaulError =>
  new BackhaulError('source_value_unsupported', `column "${name}": ${type} as Arrow's ${Type[data.typeId]}`);
