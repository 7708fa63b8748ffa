import type pg from 'pg';

/** What the credentials could do beyond reading. A model never writes; credentials that cannot are safer still. */
export async function writeWarnings(connection: string, session: pg.ClientBase): Promise<string[]> {
  const { rows } = await session.query<{ superuser: boolean; writable: string | null }>(`
    select rolsuper as superuser,
           (select format('%I.%I', nspname, relname)
            from pg_class join pg_namespace on pg_namespace.oid = relnamespace
            where relkind in ('r', 'p') and nspname not like 'pg\\_%' and nspname <> 'information_schema'
              and has_schema_privilege(pg_namespace.oid, 'usage')
              and has_table_privilege(pg_class.oid, 'insert, update, delete, truncate')
            limit 1) as writable
    from pg_roles where rolname = current_user`);
  const advice = 'use one that may only select';
  const { superuser, writable } = rows[0] ?? { superuser: false, writable: null };
  if (superuser) return [`connection ${connection}: its user is a superuser and could write; ${advice}`];
  return writable === null
    ? []
    : [`connection ${connection}: its user could write, as to ${writable}; ${advice}`];
}
