import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { quoteIdentifier } from './select-only.ts';
import { wireType, type Decode } from './wire-values.ts';

/** A column as the protocol describes it. */
export interface RowType {
  name: string;
  type: string;
  precision: number | null;
  scale: number | null;
  /** GEOGRAPHY and GEOMETRY come as OBJECT, and say here what they are. */
  extTypeName?: string | null;
}

export interface SnowflakeColumn extends Column {
  decode: Decode | null;
  rowType: RowType;
}

export function columnsOf(model: string, rowtype: readonly RowType[]): SnowflakeColumn[] {
  return rowtype.map((row) => {
    const wire = wireType(row.type, row.scale);
    if (wire === null) {
      throw new BackhaulError(
        'source_value_unsupported',
        `model ${model}, column "${row.name}", type ${row.type.toUpperCase()}`,
      );
    }
    return { name: row.name, kind: wire.kind, sourceType: typeName(row), decode: wire.decode, rowType: row };
  });
}

function typeName({ type, precision, scale, extTypeName }: RowType): string {
  if (typeof extTypeName === 'string' && extTypeName !== '') return extTypeName.toUpperCase();
  switch (type.toLowerCase()) {
    case 'fixed':
      return `NUMBER(${precision ?? 38},${scale ?? 0})`;
    case 'real':
      return 'FLOAT';
    case 'text':
      return 'VARCHAR';
    default:
      return type.toUpperCase();
  }
}

/**
 * How a column is asked for. Snowflake's JSON rows give a FLOAT ten digits or so, and an element of a VECTOR six behind the point:
 * https://github.com/snowflakedb/snowflake-jdbc/issues/898. `TME` has all digits of a double, and so has an ARRAY of a float.
 * A text is cut by the server: one of more characters than `maxBytes` has more bytes, too.
 */
export function selected({ name, sourceType }: SnowflakeColumn, maxBytes: number): string {
  const quoted = quoteIdentifier(name);
  switch (sourceType) {
    case 'FLOAT':
      return `to_varchar(${quoted}, 'TME') as ${quoted}`;
    case 'VECTOR':
      return `${quoted}::array as ${quoted}`;
    case 'VARCHAR':
      return `left(${quoted}, ${maxBytes + 1}) as ${quoted}`;
    default:
      return quoted;
  }
}
