import type pg from 'pg';
import type { ColumnKind, Column } from '../../vocabulary/columns.ts';
import { quoteIdentifier } from './select-only.ts';

/** A column with what is needed to write it as canonical text. */
export interface PostgresColumn extends Column {
  /**
   * `as_it_is`: the type's own output is the canonical text, and is never long. `text`: it may be long. `cast`: likewise,
   * and its length is known only once it is text.
   */
  form: 'as_it_is' | 'text' | 'cast' | 'to_json' | 'base64';
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
const SHORT_KINDS: readonly ColumnKind[] = ['integer', 'decimal', 'float', 'boolean', 'timestamp', 'date'];
const SHORT_TYPES = new Set([
  'uuid',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'time',
  'timetz',
  'interval',
  'money',
  'name',
]);
const TEXT_TYPES = new Set(['text', 'varchar']);

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
      form: composed ? 'to_json' : formOf(kind, type),
    };
  });
}

function formOf(kind: ColumnKind, type: TypeRow | undefined): PostgresColumn['form'] {
  if (kind === 'binary') return 'base64';
  const base = type?.base ?? '';
  if (SHORT_KINDS.includes(kind) || SHORT_TYPES.has(base) || type?.type === 'e') return 'as_it_is';
  return TEXT_TYPES.has(base) ? 'text' : 'cast';
}

/**
 * What to select of a column so that its output is the canonical text; a value above `maxBytes` is cut by the server, and
 * stays longer than that. Casts only where they are needed: they are what a COPY spends its time on (bench/copy-forms.ts).
 */
export function canonical({ form, name }: PostgresColumn, maxBytes: number): string {
  const column = `model.${quoteIdentifier(name)}`;
  const cut = (text: string): string =>
    `case when octet_length(${text}) > ${maxBytes} then left(${text}, ${maxBytes + 1}) else ${text} end`;
  switch (form) {
    case 'as_it_is':
      return column;
    case 'text':
      return cut(column);
    case 'cast':
      return cut(`${column}::text`);
    case 'to_json':
      return cut(`to_json(${column})::text`);
    case 'base64':
      return cut(`translate(encode(${column}, 'base64'), E'\\n', '')`);
  }
}
