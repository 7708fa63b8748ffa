import pg from 'pg';
import {
  WRITEBACK_VERSION,
  type WritebackColumn,
  type WritebackTable,
  type WritebackType,
} from '../vocabulary/writeback.ts';
import { tableColumns } from './lines.ts';

/** `json` keeps a message as the text that was sent; `jsonb` would refuse some that Segment takes. */
const types: Readonly<Record<WritebackType, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  date: 'date',
  json: 'json',
};

/** By this a table is known as one of ours, and of this version. */
export const commentOf = (table: WritebackTable): string =>
  `Backhaul write-back, ${table}, version ${WRITEBACK_VERSION}`;

export const qualified = (schema: string, table: WritebackTable): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;

export function createTable(schema: string, table: WritebackTable): string[] {
  const name = qualified(schema, table);
  const columns = tableColumns(table).map(columnOf);
  const key = table === 'runs' ? ', primary key (run_id)' : '';
  return [
    `create table ${name} (${columns.join(', ')}${key})`,
    `comment on table ${name} is ${pg.escapeLiteral(commentOf(table))}`,
  ];
}

/** To replace a run; to delete old ones; to follow a row over its runs. */
export const indexes = (schema: string): string[] => {
  const [rows, runs] = [qualified(schema, 'rows'), qualified(schema, 'runs')];
  return [
    `create index if not exists rows_by_run on ${rows} (run_id)`,
    `create index if not exists runs_by_sync on ${runs} (sync, started_at)`,
    `create index if not exists rows_by_key on ${rows} (sync, row_key)`,
  ];
};

const columnOf = ({ name, nullable, type }: WritebackColumn): string =>
  `${pg.escapeIdentifier(name)} ${types[type]}${nullable ? '' : ' not null'}`;
