import type pg from 'pg';
import type { ColumnKind, Column } from '../../vocabulary/columns.ts';
import { quoteIdentifier } from './select-only.ts';

/** A column with what is needed to write it as canonical text. */
export interface PostgresColumn extends Column {
  form: 'plain' | 'boolean' | 'to_json' | 'base64';
  /** May be longer than any limit. */
  unbounded: boolean;
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'decimal',
  float4: 'float',
  float8: 'float',
  bool: 'boolean',
  timestamptz: 'timestamp',
  timestamp: 'timestamp',
  date: 'date',
  json: 'json',
  jsonb: 'json',
  bytea: 'binary',
};
const BOUNDED = new Set(['integer', 'float', 'boolean', 'timestamp', 'date']);

interface TypeRow {
  oid: number;
  name: string;
  base: string;
  type: string;
  category: string;
}

/** The columns of a result; domains follow the type that they are made of. */
export async function columnsOf(
  session: pg.ClientBase,
  fields: readonly pg.FieldDef[],
): Promise<PostgresColumn[]> {
  const { rows } = await session.query<TypeRow>(
    `with recursive chain as (
       select oid as asked, oid, typname, typtype, typbasetype, typcategory from pg_type where oid = any($1::oid[])
       union all
       select chain.asked, base.oid, base.typname, base.typtype, base.typbasetype, base.typcategory
       from chain join pg_type base on base.oid = chain.typbasetype where chain.typtype = 'd')
     select asked::int8::int as oid, format_type(asked, null) as name, typname as base, typtype as type, typcategory as category
     from chain where typtype <> 'd'`,
    [fields.map((field) => field.dataTypeID)],
  );
  const types = new Map(rows.map((row) => [Number(row.oid), row]));
  return fields.map((field): PostgresColumn => {
    const type = types.get(field.dataTypeID);
    const composed = type?.category === 'A' || type?.type === 'c';
    const kind = composed ? 'json' : (kinds[type?.base ?? ''] ?? 'text');
    return {
      name: field.name,
      kind,
      sourceType: type?.name ?? 'unknown',
      form: composed ? 'to_json' : kind === 'binary' ? 'base64' : kind === 'boolean' ? 'boolean' : 'plain',
      unbounded: !BOUNDED.has(kind),
    };
  });
}

/** The canonical text of a column; a value above `maxBytes` is cut by the server, and stays longer than that. */
export function canonical({ form, name, unbounded }: PostgresColumn, maxBytes: number): string {
  const column = `model.${quoteIdentifier(name)}`;
  const text = {
    plain: `${column}::text`,
    // As text it is `true`; by its output function `t`.
    boolean: `left(${column}::text, 1)`,
    to_json: `to_json(${column})::text`,
    base64: `translate(encode(${column}, 'base64'), E'\\n', '')`,
  }[form];
  if (!unbounded) return text;
  return `case when octet_length(${text}) > ${maxBytes} then left(${text}, ${maxBytes + 1}) else ${text} end`;
}
