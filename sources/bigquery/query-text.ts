import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';

/** The SQL of a model as it is written; of a table, all its columns. */
export function queryOf(model: ResolvedModel): string {
  const { where, ...whole } = model;
  if (where !== undefined) return queryOf(narrowed(model.name, queryOf(whole), where));
  const content = sqlOrTable(model);
  return 'sql' in content ? content.sql : `select * from ${quote(content.table)}`;
}

/**
 * A query around the query of a model: BigQuery bills by the columns that are read, so those that are not asked for should
 * not be. Where it does not do (a temporary function, a column without a name),
 * BigQuery refuses it, and the model runs as it is.
 */
export const around = (sql: string, columns: readonly string[] | '*', rest = ''): string =>
  `select ${columns === '*' ? '*' : columns.map(quote).join(', ')} from (\n${sql.replace(/;\s*$/, '')}\n)${rest}`;

const quote = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
