import { isLosslessNumber, stringify } from 'lossless-json';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column, ColumnKind } from '../../vocabulary/columns.ts';
import type { Document, FieldType } from './client.ts';

const kinds: Readonly<Record<string, ColumnKind>> = {
  int: 'integer',
  float: 'float',
  bool: 'boolean',
  string: 'text',
  bytes: 'binary',
  date: 'date',
  datetime: 'timestamp',
  timestamp: 'timestamp',
  array: 'json',
  object: 'json',
  geography: 'json',
};
/** What says nothing of the values: those of the sample are looked at. */
const UNTOLD = ['', 'null', 'undefined', 'any', 'union'];

/**
 * The columns of a result. Rockset has no schema: it tells the types of what is selected by name, and of `select *` not
 * even the names, so both are then those of the documents in the sample.
 */
export function columnsOf(fields: readonly FieldType[], sample: readonly Document[]): Column[] {
  const told: readonly FieldType[] =
    fields.length > 0
      ? fields
      : [...new Set(sample.flatMap((document) => Object.keys(document)))].map((name) => ({ name, type: '' }));
  return told.map(({ name, type }): Column => {
    const sourceType = UNTOLD.includes(type) ? typeIn(name, sample) : type;
    return { name, sourceType, kind: kinds[sourceType] ?? (sourceType === 'mixed' ? 'json' : 'text') };
  });
}

function typeIn(name: string, sample: readonly Document[]): string {
  const types = new Set(sample.map((document) => typeOf(document[name])).filter((type) => type !== 'null'));
  if (types.size === 0) return 'null';
  const [type = 'null'] = types;
  if (types.size === 1) return type;
  return [...types].every((one) => one === 'int' || one === 'float') ? 'float' : 'mixed';
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  const digits = digitsOf(value);
  if (digits !== null) return wholeNumber.test(digits) ? 'int' : 'float';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (Array.isArray(value)) return 'array';
  return typed(value)?.type ?? 'object';
}

const digitsOf = (value: unknown): string | null =>
  typeof value === 'number' ? String(value) : isLosslessNumber(value) ? value.value : null;

/** The other way in which Rockset writes values that JSON has no type for. */
function typed(value: object): { type: string; value: unknown } | null {
  const { __rockset_type: type, value: inner } = value as { __rockset_type?: unknown; value?: unknown };
  return typeof type === 'string' && inner !== undefined ? { type, value: inner } : null;
}

const wholeNumber = /^-?\d+$/;
const notFinite = /^(NaN|-?Infinity)$/;
const day = /^[+-]?\d{4,}-\d\d-\d\d$/;
const time = /^([+-]?\d{4,}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00:?00)?$/;

/** @throws BackhaulError source_value_unsupported for a value of another type than its column has */
export function canonicalText(raw: unknown, column: Column): string | null {
  if (raw === null || raw === undefined) return null;
  if (column.kind === 'json') return stringify(raw) ?? null;
  const value = typeof raw === 'object' && !isLosslessNumber(raw) ? (typed(raw)?.value ?? raw) : raw;
  const text = textOf(value, column.kind);
  if (text !== null) return text;
  throw new BackhaulError(
    'source_value_unsupported',
    `column "${column.name}": a value of type ${typeOf(raw)}, where its type is ${column.sourceType}`,
  );
}

function textOf(value: unknown, kind: ColumnKind): string | null {
  const digits = digitsOf(value);
  if (digits !== null) {
    if (kind === 'integer') return wholeNumber.test(digits) ? digits : null;
    return kind === 'float' ? digits : null;
  }
  if (typeof value === 'boolean') return kind === 'boolean' ? (value ? 't' : 'f') : null;
  if (typeof value !== 'string') return null;
  switch (kind) {
    case 'text':
    case 'binary':
      return value;
    case 'float':
      return notFinite.test(value) ? value : null;
    case 'date':
      return day.test(value) ? value : null;
    case 'timestamp': {
      const [, date, clock] = time.exec(value) ?? [];
      return date === undefined || clock === undefined ? null : `${date} ${clock}`;
    }
    default:
      return null;
  }
}
