import { parse } from 'libpg-query';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';
import { escapes } from './escapes.ts';

/**
 * The SELECT of a model, ready to stand in brackets. PostgreSQL's own parser decides, so a second statement, a write in a
 * CTE, INTO, and locking clauses are refused before they run.
 */
export async function selectOf(model: ResolvedModel): Promise<string> {
  const { where, ...whole } = model;
  if (where !== undefined) return selectOf(narrowed(model.name, await selectOf(whole), where));
  const content = sqlOrTable(model);
  if ('table' in content) {
    return `select * from ${content.table.split('.').map(quoteIdentifier).join('.')}`;
  }
  const { sql } = content;
  const refuse = (what: string): BackhaulError =>
    new BackhaulError('not_a_select', `model ${model.name}: ${what}`);
  if (sql.trim() === '') throw refuse('there is no statement');
  let parsed: { stmts?: { stmt?: Record<string, unknown>; stmt_location?: number; stmt_len?: number }[] };
  try {
    parsed = await parse(sql);
  } catch (error) {
    throw new BackhaulError('source_syntax', `model ${model.name}${positionOf(error, sql)}`, {
      cause: error,
    });
  }
  const [statement, second] = parsed.stmts ?? [];
  if (statement?.stmt === undefined) throw refuse('there is no statement');
  if (second !== undefined) throw refuse('there is a second statement');
  if (!('SelectStmt' in statement.stmt)) throw refuse('it is no SELECT');
  checkTree(statement.stmt, refuse);
  const bytes = Buffer.from(sql, 'utf8');
  const start = statement.stmt_location ?? 0;
  const end = statement.stmt_len ? start + statement.stmt_len : bytes.length;
  return bytes.subarray(start, end).toString('utf8').replace(/;\s*$/, '');
}

const WRITES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

function checkTree(node: unknown, refuse: (what: string) => BackhaulError): void {
  if (Array.isArray(node)) {
    for (const inner of node) checkTree(inner, refuse);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (WRITES.includes(name)) throw refuse('it writes');
    if (name === 'intoClause') throw refuse('it has an INTO');
    if (name === 'lockingClause') throw refuse('it locks rows');
    if (name === 'FuncCall') {
      const [called = '', schema] = functionName(value);
      if (escapes(called, schema)) throw refuse(`the function ${called} is not allowed`);
    }
    checkTree(value, refuse);
  }
}

/** The name, and the schema where one is given. */
function functionName(call: unknown): string[] {
  const names = (call as { funcname?: { String?: { sval?: string } }[] }).funcname ?? [];
  return names.map((name) => name.String?.sval ?? '').reverse();
}

function positionOf(error: unknown, sql: string): string {
  const cursor = (error as { sqlDetails?: { cursorPosition?: number } }).sqlDetails?.cursorPosition;
  return cursor === undefined ? '' : `, ${lineAndColumn(sql, cursor)}`;
}

/** @param offset characters before the place */
export function lineAndColumn(sql: string, offset: number): string {
  const lines = [...sql].slice(0, offset).join('').split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
