import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from './source.ts';

/** A model of a source that reads SQL and tables. */
export function sqlOrTable(model: ResolvedModel): { sql: string } | { table: string } {
  if ('table' in model) return { table: model.table };
  if ('sql' in model) return { sql: model.sql };
  throw new BackhaulError('definitions_invalid', `model ${model.name}: its connection reads sql or table`);
}

/**
 * A model of which only the rows are read for which a condition holds, as plain SQL: it is checked like any other.
 *
 * @param select of the whole model, ready to stand in brackets
 */
export const narrowed = (name: string, select: string, where: string): { name: string; sql: string } => ({
  name,
  sql: `select * from (\n${select.replace(/;\s*$/, '')}\n) as narrowed\nwhere (\n${where}\n)`,
});
