import type { Column, ColumnKind } from '../../vocabulary/columns.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** A field of a schema as the API gives it. https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema */
export interface SchemaField {
  name?: string;
  type?: string;
  mode?: string;
  fields?: SchemaField[];
  rangeElementType?: { type?: string };
  timestampPrecision?: number | string;
}

/** A column of a result, or what one is made of. */
export interface Field {
  name: string;
  /** GoogleSQL's name: `INT64`, `STRUCT`, `RANGE`, … */
  type: string;
  repeated: boolean;
  /** Of a STRUCT; of a RANGE its one element type. */
  fields: Field[];
}

/** The API has names of its own, older ones. */
const STANDARD: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};
const KINDS: Readonly<Record<string, ColumnKind>> = {
  INT64: 'integer',
  FLOAT64: 'float',
  NUMERIC: 'decimal',
  BIGNUMERIC: 'decimal',
  BOOL: 'boolean',
  BYTES: 'binary',
  TIMESTAMP: 'timestamp',
  DATETIME: 'timestamp',
  DATE: 'date',
  JSON: 'json',
  STRUCT: 'json',
  RANGE: 'json',
};
/** Digits behind the second that BigQuery gives by its API and in Arrow; a TIMESTAMP(12) would lose the rest. */
const MICROSECONDS = 6;

/** @throws BackhaulError source_value_unsupported when a value could not be given whole */
export function fieldOf(schema: SchemaField): Field {
  const { name = '', type = 'STRING', mode, fields = [], rangeElementType, timestampPrecision } = schema;
  if (timestampPrecision !== undefined && Number(timestampPrecision) > MICROSECONDS) {
    throw new BackhaulError('source_value_unsupported', `column "${name}": TIMESTAMP(${timestampPrecision})`);
  }
  const range = rangeElementType?.type;
  return {
    name,
    type: STANDARD[type.toUpperCase()] ?? type.toUpperCase(),
    repeated: mode === 'REPEATED',
    fields: range === undefined ? fields.map(fieldOf) : [fieldOf({ name, type: range })],
  };
}

export const kindOf = ({ type, repeated }: Field): ColumnKind =>
  repeated ? 'json' : (KINDS[type] ?? 'text');

export const columnOf = (field: Field): Column => ({
  name: field.name,
  kind: kindOf(field),
  sourceType: typeName(field),
});

/** `ARRAY<STRUCT<a INT64, b STRING>>` */
export function typeName({ type, repeated, fields }: Field): string {
  const inner = fields.map((field) => (type === 'RANGE' ? field.type : `${field.name} ${typeName(field)}`));
  const name = fields.length === 0 ? type : `${type}<${inner.join(', ')}>`;
  return repeated ? `ARRAY<${name}>` : name;
}
