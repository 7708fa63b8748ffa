import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** Whether the user is a superuser, and a table that the user could write to: both marked, since this may come as CSV. */
export const WRITABLE = `
  select case when usesuper then '=yes' else '=no' end as backhaul_1,
         '=' || coalesce((
           select schemaname || '.' || tablename from pg_tables
           where schemaname not like 'pg!_%' escape '!' and schemaname <> 'information_schema'
             and has_schema_privilege(schemaname, 'usage')
             and (has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'insert')
               or has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'update')
               or has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'delete'))
           limit 1), '') as backhaul_2
  from pg_user where usename = current_user`;

/** What the credentials could do beyond reading. A model never writes; credentials that cannot are safer still. */
export function writeWarnings(connection: string, row: readonly (string | null)[] | undefined): string[] {
  const advice = 'use one that may only select';
  const [superuser, table = ''] = (row ?? []).map((value) => (value ?? '').slice(1));
  if (superuser === 'yes') {
    return [`connection ${connection}: its user is a superuser and could write; ${advice}`];
  }
  return table === '' ? [] : [`connection ${connection}: its user could write, as to ${table}; ${advice}`];
}

/** A failure of WRITABLE: a table that was dropped between the list and the question is not one that a person must mend. */
export const duringLook = (error: unknown): unknown =>
  error instanceof BackhaulError && error.code === 'source_table_missing'
    ? new BackhaulError('source_changed', error.where, { cause: error })
    : error;
