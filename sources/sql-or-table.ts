import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from './source.ts';

/** A model of a source that reads SQL and tables. */
export function sqlOrTable(model: ResolvedModel): { sql: string } | { table: string } {
  if ('table' in model) return { table: model.table };
  if ('sql' in model) return { sql: model.sql };
  throw new BackhaulError('definitions_invalid', `model ${model.name}: its connection reads sql or table`);
}
