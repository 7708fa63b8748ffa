import type { Column } from '../../vocabulary/columns.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Wrapped } from '../postgres/errors.ts';
import { canonical, type RedshiftColumn } from './columns.ts';

/** A statement of ours around the SELECT of a model. */
export interface Query {
  text: string;
  wrapped: Wrapped;
}

const wrap = (model: string, sql: string, before: string, after = ''): Query => ({
  text: `${before}${sql}\n) as model${after}`,
  wrapped: { model, sql, before: before.length },
});

/** Its columns, and no row: the planner throws the scan away. */
export const describeQuery = (model: string, sql: string): Query =>
  wrap(model, sql, 'select * from (\n', ' where false limit 0');

export function selectQuery(
  model: string,
  sql: string,
  columns: readonly RedshiftColumn[],
  options: { maxBytes: number; marked: boolean; limit?: number },
): Query {
  const { limit, marked, maxBytes } = options;
  const unclear = marked ? columns.find(({ form }) => form === 'unknown') : undefined;
  if (unclear !== undefined) {
    const where = `model ${model}, column "${unclear.name}", a literal without a type`;
    throw new BackhaulError('source_value_unsupported', where);
  }
  const list = columns.map(
    (column, position) => `${canonical(column, maxBytes, marked)} as ${labelOf(position)}`,
  );
  // A line of CSV that holds one NULL is empty, and could be taken for no line.
  if (marked && list.length === 1) list.push(`'=' as ${labelOf(1)}`);
  const after = limit === undefined ? '' : ` limit ${Math.trunc(limit)}`;
  return wrap(model, sql, `select ${list.join(', ')} from (\n`, after);
}

/** No value that is marked, and none of another kind, reads like this: so a line of headers is told from a row. */
export const labelOf = (position: number): string => `backhaul_${position + 1}`;

/** The same query inside of a statement. */
export const within = ({ text, wrapped }: Query, before: string, after = ''): Query => ({
  text: `${before}${text}${after}`,
  wrapped: { ...wrapped, before: wrapped.before + before.length },
});

export const asColumn = ({ name, kind, sourceType }: Column): Column => ({ name, kind, sourceType });
