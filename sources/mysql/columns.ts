import type { FieldPacket } from 'mysql2';
import type { Column, ColumnKind } from '../../vocabulary/columns.ts';
import { quoteIdentifier } from './select-only.ts';
import { shortestFloat, withoutZeroDay, type Finish } from './value-bytes.ts';

/** What of a column is selected, and what is done with the bytes that come. */
type Form = 'as_it_is' | 'number' | 'unsigned' | 'truth' | 'single' | 'day' | 'text' | 'geometry' | 'binary';

/** A column with what is needed to write it as canonical text. */
export interface MysqlColumn extends Column {
  form: Form;
  /** The most that the server says a value may have. */
  maxBytes: number;
}

/** The types of the protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const names: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  6: 'null',
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  14: 'date',
  15: 'varchar',
  16: 'bit',
  242: 'vector',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  249: 'tinyblob',
  250: 'mediumblob',
  251: 'longblob',
  252: 'blob',
  253: 'varchar',
  254: 'char',
  255: 'geometry',
};
const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];

const UNSIGNED = 32;
const ZEROFILL = 64;
const ENUM = 256;
const SET = 2048;
/** The character set of what has none. */
const BINARY = 63;

export function columnOf(field: FieldPacket): MysqlColumn {
  const { columnLength = 0, columnType = 253, characterSet, name } = field;
  const flags = typeof field.flags === 'number' ? field.flags : 0;
  const base = names[columnType] ?? 'unknown';
  const flagged = flags & ENUM ? 'enum' : flags & SET ? 'set' : base;
  const isText = characterSet !== BINARY;
  const column = (kind: ColumnKind, form: Form, sourceType: string): MysqlColumn => ({
    name,
    kind,
    form,
    sourceType,
    maxBytes: columnLength,
  });

  if (INTEGERS.includes(base)) {
    const sourceType = flags & UNSIGNED ? `${base} unsigned` : base;
    if (base === 'tinyint' && columnLength === 1) return column('boolean', 'truth', 'tinyint(1)');
    return column('integer', flags & ZEROFILL ? 'unsigned' : 'as_it_is', sourceType);
  }
  switch (flagged) {
    case 'bit':
      return columnLength === 1
        ? column('boolean', 'truth', 'bit(1)')
        : column('integer', 'unsigned', `bit(${columnLength})`);
    case 'year':
      return column('integer', 'unsigned', 'year');
    case 'decimal':
      return column('decimal', flags & ZEROFILL ? 'number' : 'as_it_is', 'decimal');
    case 'float':
      return column('float', 'single', 'float');
    case 'double':
      return column('float', 'as_it_is', 'double');
    case 'date':
      return column('date', 'day', 'date');
    case 'datetime':
    case 'timestamp':
      return column('timestamp', 'day', flagged);
    case 'time':
    case 'enum':
    case 'set':
    case 'null':
      return column('text', 'as_it_is', flagged);
    case 'json':
      return column('json', 'text', 'json');
    case 'geometry':
      return column('text', 'geometry', field.extendedTypeName ?? 'geometry');
  }
  if (field.extendedFormat === 'json') return column('json', 'text', 'json');
  if (isText) return column('text', 'text', field.extendedTypeName ?? flagged.replace('blob', 'text'));
  return column('binary', 'binary', flagged.replace('varchar', 'varbinary').replace('char', 'binary'));
}

/**
 * What to select of a column so that its output, finished, is the canonical text. A value above `maxBytes` is cut by the
 * server, and stays longer than that: no text has fewer bytes than characters.
 */
export function canonical({ form, maxBytes: longest, name }: MysqlColumn, maxBytes: number): string {
  const column = `model.${quoteIdentifier(name)}`;
  const cut = (text: string): string => `left(${text}, ${maxBytes + 1})`;
  switch (form) {
    case 'as_it_is':
    case 'day':
      return column;
    case 'number':
      return `${column} + 0`;
    case 'unsigned':
      return `cast(${column} as unsigned)`;
    case 'truth':
      return `elt(1 + (${column} <> 0), 'f', 't')`;
    case 'single':
      // As a float its text has six digits, of the eight or nine that it takes.
      return `${column} + 0e0`;
    case 'text':
    case 'binary':
      return longest > maxBytes ? cut(column) : column;
    case 'geometry':
      return cut(`st_astext(${column})`);
  }
}

/** What is done with the bytes of a value; null: they are the canonical text. */
export function finish({ form }: MysqlColumn): Finish | null {
  switch (form) {
    case 'single':
      return shortestFloat;
    case 'day':
      return withoutZeroDay;
    case 'binary':
      return (bytes) => Buffer.from(bytes.toString('base64'), 'latin1');
    default:
      return null;
  }
}
