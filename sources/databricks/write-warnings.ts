import type { Statements } from './statements.ts';

/** Privileges of Unity Catalog on tables that more than read, one that is granted to me or to a group of mine. */
const WRITABLE = `
  select concat_ws('.', table_catalog, table_schema, table_name) as name
  from system.information_schema.table_privileges
  where privilege_type in ('MODIFY', 'ALL PRIVILEGES', 'ALL_PRIVILEGES', 'MANAGE')
    and table_schema <> 'information_schema'
    and (grantee = current_user() or is_account_group_member(grantee))
  limit 1`;

/**
 * What the credentials could do beyond reading, as far as the information schema tells. Without Unity Catalog there is
 * none, and nothing is said.
 */
export async function writeWarnings(
  connection: string,
  statements: Statements,
  signal: AbortSignal,
): Promise<string[]> {
  let table: string | null | undefined;
  try {
    table = (await statements.answer(WRITABLE)).result?.data_array?.[0]?.[0];
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
  return table == null
    ? []
    : [
        `connection ${connection}: its principal could write, as to ${table}; use one that has SELECT and nothing else`,
      ];
}
