import type { Column, ColumnKind } from '../../vocabulary/columns.ts';
import { microsecondsText, plainDecimal, shortestFloat } from './decode.ts';

const kinds: Readonly<Record<string, ColumnKind>> = {
  TINYINT: 'integer',
  BYTE: 'integer',
  SMALLINT: 'integer',
  SHORT: 'integer',
  INT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  LONG: 'integer',
  DECIMAL: 'decimal',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'float',
  BOOLEAN: 'boolean',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp',
  DATE: 'date',
  BINARY: 'binary',
  ARRAY: 'json',
  MAP: 'json',
  STRUCT: 'json',
  VARIANT: 'json',
  GEOGRAPHY: 'json',
  GEOMETRY: 'json',
};
const TEXTS = ['STRING', 'CHAR', 'VARCHAR'];
const GEOMETRIES = ['GEOGRAPHY', 'GEOMETRY'];

/** Left to the session, a timestamp would follow its time zone and a null field of a struct would vanish. */
const JSON_OPTIONS = Object.entries({
  timeZone: 'UTC',
  timestampFormat: "yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS\\'Z\\'",
  timestampNTZFormat: "yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS",
  dateFormat: 'yyyy-MM-dd',
  ignoreNullFields: 'false',
})
  .map(([name, value]) => `'${name}', '${value}'`)
  .join(', ');

/** `DECIMAL` of `DECIMAL(12,2)`, as it is with and without arguments. */
const baseOf = (sourceType: string): string => /^\w+/.exec(sourceType)?.[0].toUpperCase() ?? '';

export const columnOf = (name: string, sourceType: string): Column => ({
  name,
  kind: kinds[baseOf(sourceType)] ?? 'text',
  sourceType,
});

export const quoteIdentifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/**
 * What to select of a column: a text that no setting of the session changes, and that `decoderOf` makes the canonical one.
 * How the API itself writes a value is not relied on. A value that may be long is cut to more than `maxBytes`.
 */
export function selected({ name, sourceType }: Column, maxBytes: number): string {
  const base = baseOf(sourceType);
  const column = `model.${quoteIdentifier(name)}`;
  const cut = (text: string): string => `left(${text}, ${maxBytes + 1})`;
  if (TEXTS.includes(base)) return cut(column);
  if (GEOMETRIES.includes(base)) return cut(`st_asgeojson(${column})`);
  const kind = kinds[base];
  if (kind === 'json') return cut(`to_json(${column}, map(${JSON_OPTIONS}))`);
  if (kind === 'binary') return `base64(substring(${column}, 1, ${maxBytes + 1}))`;
  if (kind === 'timestamp' && base !== 'TIMESTAMP_NTZ') return `cast(unix_micros(${column}) as string)`;
  return `cast(${column} as string)`;
}

/** Makes the canonical text of what `selected` gives; null where it is that already. */
export function decoderOf({ kind, sourceType }: Column): ((text: string) => string) | null {
  switch (kind) {
    case 'boolean':
      return (text) => (text === 'true' ? 't' : 'f');
    case 'decimal':
      return plainDecimal;
    case 'float':
      return shortestFloat;
    case 'timestamp':
      return baseOf(sourceType) === 'TIMESTAMP_NTZ' ? null : microsecondsText;
    case 'binary':
      // By RFC 2045 there is a line break after 76 characters; whether Spark keeps to it is a setting.
      return (text) => text.replace(/[\r\n]+/g, '');
    default:
      return null;
  }
}
