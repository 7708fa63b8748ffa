import type { Statements } from './statements.ts';

/** What in Unity Catalog more than reads, and who may: by a privilege or as an owner, which no privilege tells. */
const WRITABLE = `
  select name
  from (
    select concat_ws('.', table_catalog, table_schema, table_name) as name, table_schema as in_schema, grantee as who
    from system.information_schema.table_privileges
    where privilege_type in ('MODIFY', 'ALL PRIVILEGES', 'ALL_PRIVILEGES', 'MANAGE')
    union all
    select concat_ws('.', table_catalog, table_schema, table_name), table_schema, table_owner
    from system.information_schema.tables
    union all
    select concat_ws('.', catalog_name, schema_name), schema_name, schema_owner
    from system.information_schema.schemata
    union all
    select catalog_name, '', catalog_owner
    from system.information_schema.catalogs
  ) as writable
  where in_schema <> 'information_schema'
    and (who = current_user() or is_account_group_member(who))
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
  let writable: string | null | undefined;
  try {
    writable = (await statements.answer(WRITABLE)).result?.data_array?.[0]?.[0];
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
  return writable == null
    ? []
    : [
        `connection ${connection}: its principal could write, as to ${writable}; use one that has SELECT and nothing else`,
      ];
}
