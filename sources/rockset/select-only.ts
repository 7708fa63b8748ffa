import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';

/** What holds no keyword: strings, quoted names, comments. */
const SILENT = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\//g;
/** The statements of Rockset's SQL that change something; none of these words is the name of a function. */
const WRITES = /\b(insert|delete|update|merge|create|drop|alter|truncate|copy)\b/i;

/** The SELECT of a model. Rockset has no read-only transaction: what is refused here, and the key's role, keep it safe. */
export function selectOf(model: ResolvedModel): string {
  const { where, ...whole } = model;
  if (where !== undefined) return selectOf(narrowed(model.name, selectOf(whole), where));
  const content = sqlOrTable(model);
  if ('table' in content) {
    return `select * from ${content.table.split('.').map(quoteIdentifier).join('.')}`;
  }
  const refuse = (what: string): BackhaulError =>
    new BackhaulError('not_a_select', `model ${model.name}: ${what}`);
  const said = content.sql.replace(SILENT, (silent) => (/^['"]/.test(silent) ? "''" : ' ')).trim();
  const statement = said.replace(/;\s*$/, '');
  if (statement === '') throw refuse('there is no statement');
  if (statement.includes(';')) throw refuse('there is a second statement');
  if (!/^[\s(]*(select|with)\b/i.test(statement)) throw refuse('it is no SELECT');
  if (WRITES.test(statement)) throw refuse('it writes');
  return content.sql;
}

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
