import type { Column, ColumnKind } from '../../vocabulary/columns.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { quoteIdentifier } from '../postgres/select-only.ts';

type Form =
  | 'as_it_is'
  | 'boolean'
  | 'cast'
  | 'cast_utc'
  | 'float4'
  | 'float8'
  | 'text'
  | 'char'
  | 'super'
  | 'varbyte'
  | 'geo'
  | 'unknown'
  | 'unsupported';

interface Type {
  /** In RowDescription; GEOMETRY has one in the catalog and another in results. */
  oids: readonly number[];
  /** As the Data API names it. */
  names: readonly string[];
  shown: string;
  kind: ColumnKind;
  form: Form;
}

const type = (
  shown: string,
  kind: ColumnKind,
  form: Form,
  oids: readonly number[],
  ...names: string[]
): Type => ({ shown, kind, form, oids, names: [shown, ...names] });

/** Every type that a result of Redshift can have: it has no types of users. */
const TYPES: readonly Type[] = [
  type('boolean', 'boolean', 'boolean', [16], 'bool'),
  type('smallint', 'integer', 'as_it_is', [21], 'int2'),
  type('integer', 'integer', 'as_it_is', [23], 'int4'),
  type('bigint', 'integer', 'as_it_is', [20], 'int8'),
  type('oid', 'integer', 'as_it_is', [26]),
  type('numeric', 'decimal', 'cast', [1700], 'decimal'),
  type('real', 'float', 'float4', [700], 'float4'),
  type('double precision', 'float', 'float8', [701], 'float8'),
  type('varchar', 'text', 'text', [1043], 'character varying', 'nvarchar'),
  type('text', 'text', 'text', [25]),
  type('char', 'text', 'char', [1042], 'bpchar', 'character', 'nchar'),
  type('name', 'text', 'cast', [19]),
  type('date', 'date', 'cast', [1082]),
  type('timestamp', 'timestamp', 'cast', [1114], 'timestamp without time zone'),
  type('timestamptz', 'timestamp', 'cast_utc', [1184], 'timestamp with time zone'),
  type('time', 'text', 'cast', [1083], 'time without time zone'),
  type('timetz', 'text', 'cast', [1266], 'time with time zone'),
  type('interval', 'text', 'cast', [1186]),
  type('interval year to month', 'text', 'cast', [1188], 'intervaly2m'),
  type('interval day to second', 'text', 'cast', [1190], 'intervald2s'),
  type('super', 'json', 'super', [4000]),
  type('varbyte', 'binary', 'varbyte', [6551], 'varbinary', 'binary varying'),
  type('geometry', 'json', 'geo', [3000, 3999]),
  type('geography', 'json', 'geo', [3001]),
  type('hllsketch', 'text', 'unsupported', [2935]),
  type('unknown', 'text', 'unknown', [705]),
];
const byOid = new Map(TYPES.flatMap((entry) => entry.oids.map((oid) => [oid, entry])));
const byName = new Map(TYPES.flatMap((entry) => entry.names.map((name) => [name, entry])));

/** A column with what is needed to ask for its canonical text. */
export interface RedshiftColumn extends Column {
  form: Form;
  /** The longest that its text can be, in bytes; null when the server does not say. */
  maxBytes: number | null;
}

/** A column of a result as the server describes it. */
export interface DescribedField {
  name: string;
  type: number | string;
  /** Of a `varchar(n)` or `char(n)`. */
  length: number | null;
}

export function columnOf(model: string, { name, type: described, length }: DescribedField): RedshiftColumn {
  const found = typeof described === 'number' ? byOid.get(described) : byName.get(described.toLowerCase());
  if (found === undefined || found.form === 'unsupported') {
    const shown = found?.shown ?? `type ${described}`;
    throw new BackhaulError('source_value_unsupported', `model ${model}, column "${name}", ${shown}`);
  }
  return { name, kind: found.kind, sourceType: found.shown, form: found.form, maxBytes: length };
}

/**
 * What to select of a column so that every way to read gives the same text for it; a value above `maxBytes` is replaced by the
 * server with one that is longer than that, too.
 *
 * @param marked puts `=` before texts that may be empty: in CSV an empty one and NULL could look alike
 */
export function canonical(column: RedshiftColumn, maxBytes: number, marked: boolean): string {
  const expression = canonicalOf(column, maxBytes);
  return marked && isMarked(column) ? `'=' || ${expression}` : expression;
}

export const isMarked = ({ form }: RedshiftColumn): boolean => ['text', 'char', 'varbyte'].includes(form);

function canonicalOf({ form, name, maxBytes: declared }: RedshiftColumn, maxBytes: number): string {
  const column = `model.${quoteIdentifier(name)}`;
  const replaceLong = (size: string, limit: number, text: string): string =>
    `case when ${size} > ${limit} then repeat('x', ${maxBytes + 1}) else ${text} end`;
  // Not cut: with its mark, a text of 65,535 bytes would be longer than Redshift lets any be.
  const bounded = (text: string): string =>
    declared !== null && declared <= maxBytes ? text : replaceLong(`octet_length(${text})`, maxBytes, text);
  switch (form) {
    case 'as_it_is':
    case 'unknown':
    case 'unsupported':
      return column;
    case 'boolean':
      return `case when ${column} then 't' when not ${column} then 'f' end`;
    // Nine digits tell a float4, and the server writes 15 of a float8 whatever the settings say.
    case 'float4':
      return `${column}::float8`;
    case 'float8':
      return nearAndRest(column);
    case 'cast':
      return `${column}::varchar`;
    case 'cast_utc':
      return `(${column} at time zone 'UTC')::varchar`;
    case 'text':
      return bounded(column);
    case 'char':
      return bounded(`rtrim(${column}, ' ')`);
    case 'super':
      return replaceLong(`json_size(${column})`, maxBytes, `json_serialize(${column})`);
    case 'varbyte':
      return replaceLong(
        `octet_length(${column})`,
        Math.floor(maxBytes / 4) * 3,
        `from_varbyte(${column}, 'base64')`,
      );
    case 'geo':
      return bounded(`st_asgeojson(${column})`);
  }
}

/**
 * A float8 as two texts that add up to it. UNLOAD loses digits of a float, as its page says, and a cast keeps 15 of them, where some
 * need 17; what is missing is a number of few digits, which a cast keeps. Beyond these bounds, where the cast back could
 * overflow, it stays with 15.
 * Source: https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html, "Loss of floating-point precision".
 */
const nearAndRest = (column: string): string =>
  `case when abs(${column}) between 1e-290 and 1e300 then ${column}::varchar || '${BETWEEN}' || (${column} - ${column}::varchar::float8)::varchar else ${column}::varchar end`;
const BETWEEN = '_';

function sumOfFloat8(text: string): string {
  const [near = '', rest = '0'] = text.split(BETWEEN);
  const value = Number(near) + Number(rest);
  if (Number.isFinite(value)) return String(value);
  if (/nan/i.test(near)) return 'NaN';
  return near.startsWith('-') ? '-Infinity' : 'Infinity';
}

const FLOAT4_DIGITS = [6, 7, 8, 9];

function shortestFloat4(text: string): string {
  const value = Math.fround(Number(text));
  if (!Number.isFinite(value)) return text;
  for (const digits of FLOAT4_DIGITS) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** What is left to do to the text that comes for a column; null: nothing. */
export function finishOf({ form }: RedshiftColumn): ((text: string) => string) | null {
  switch (form) {
    case 'float8':
      return sumOfFloat8;
    case 'float4':
      return shortestFloat4;
    case 'varbyte':
      return (text) => text.replace(/\s/g, '');
    default:
      return null;
  }
}
