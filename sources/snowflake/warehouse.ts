import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { snowflakeError } from './errors.ts';
import { quoteIdentifier } from './select-only.ts';
import type { Row, Session } from './session.ts';
import { quoteText } from './settings.ts';

/** A column of an answer by its name in any case: SHOW writes them small, a function in capitals. */
export const valueOf = (row: Row, name: string): string => {
  const [, value] = Object.entries(row).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
};

/** Names without quotes are in capitals at Snowflake. */
const sameName = (one: string, other: string): boolean => one === other || one === other.toUpperCase();

/** The warehouse is there, the role may use it, and it runs or resumes by itself. */
export async function requireWarehouse(
  name: string,
  { role, warehouse }: ResolvedSnowflakeConnection,
  session: Session,
): Promise<void> {
  // LIKE of SHOW has no character that escapes: `_` and `%` may find more than the one.
  const rows = await session.run(`show warehouses like ${quoteText(warehouse)}`);
  const found = rows.find((row) => sameName(valueOf(row, 'name'), warehouse));
  const where = `connection ${name}, warehouse ${warehouse}`;
  const inRole = role ?? 'the role of the user';
  if (found === undefined) {
    throw new BackhaulError('source_permission', `${where}: it does not exist, or ${inRole} may not use it`, {
      action: `Check its name, or run: GRANT USAGE ON WAREHOUSE ${warehouse} TO ROLE ${role ?? '…'};`,
    });
  }
  const suspended = /^SUSPEND/i.test(valueOf(found, 'state'));
  if (suspended && /^(false|n|no)$/i.test(valueOf(found, 'auto_resume'))) {
    throw new BackhaulError('source_suspended', where, {
      action: `Run: ALTER WAREHOUSE ${warehouse} RESUME; or let it resume by itself: ALTER WAREHOUSE ${warehouse} SET AUTO_RESUME = TRUE;`,
    });
  }
}

/** The session is in the database and the schema that the connection names. */
export async function requireDatabase(
  name: string,
  connection: ResolvedSnowflakeConnection,
  session: Session,
): Promise<void> {
  const { database, role, schema } = connection;
  if (database === undefined && schema === undefined) return;
  const [row = {}] = await session.run('select current_database() as db, current_schema() as sch');
  const missing = (what: string, called: string): BackhaulError =>
    new BackhaulError(
      'source_database_missing',
      `connection ${name}, ${what} ${called}: it does not exist, or the role may not use it`,
      {
        action: `Check its name, or run: GRANT USAGE ON ${what.toUpperCase()} ${called} TO ROLE ${role ?? '…'};`,
      },
    );
  if (database !== undefined && valueOf(row, 'db') === '') throw missing('database', database);
  if (schema !== undefined && valueOf(row, 'sch') === '') throw missing('schema', schema);
}

const ADMINISTRATORS = new Set(
  ['ACCOUNTADMIN', 'SYSADMIN', 'SECURITYADMIN', 'ORGADMIN'].map((role) => `role "${role}"`),
);
const NOT_TO_BE_SEEN = new Set<string>(['source_permission', 'source_table_missing', 'source_query_failed']);
const WRITES =
  /^(INSERT|UPDATE|DELETE|TRUNCATE|OWNERSHIP|WRITE|CREATE .*|APPLY .*|MANAGE .*|EXECUTE .*|ALL.*)$/;
const MAX_ROLES = 50;

/** What the role of the session, and the roles that it has, could do beyond reading. */
export async function writeWarnings(name: string, session: Session): Promise<string[]> {
  const [row = {}] = await session.run('select current_role() as role');
  const primary = valueOf(row, 'role');
  // Every role has what PUBLIC has.
  const waiting = [`role ${quoteIdentifier(primary)}`, 'role "PUBLIC"'];
  const seen = new Set<string>();
  if (primary === '') return [];
  for (let role = waiting.shift(); role !== undefined; role = waiting.shift()) {
    if (seen.has(role) || seen.size >= MAX_ROLES) continue;
    seen.add(role);
    if (ADMINISTRATORS.has(role)) return [warning(name, `${role} is an administrator's`)];
    for (const grant of await grantsTo(role, session)) {
      const privilege = valueOf(grant, 'privilege').toUpperCase();
      const on = valueOf(grant, 'granted_on').toUpperCase();
      const granted = valueOf(grant, 'name');
      if (WRITES.test(privilege)) {
        return [warning(name, `${role} has ${privilege} on ${on.toLowerCase()} ${granted}`)];
      }
      if (privilege !== 'USAGE') continue;
      if (on === 'ROLE') waiting.push(`role ${quoteIdentifier(granted)}`);
      // Its name comes with its database, as it is to be written.
      if (on === 'DATABASE_ROLE') waiting.push(`database role ${granted}`);
    }
  }
  return [];
}

/** None when they are not to be seen: that is no fault of a connection that can read. */
const grantsTo = (role: string, session: Session): Promise<Row[]> =>
  session.run(`show grants to ${role}`).catch((error: unknown) => {
    if (NOT_TO_BE_SEEN.has(snowflakeError('', error).code)) return [];
    throw error;
  });

const warning = (name: string, why: string): string =>
  `connection ${name}: its role could write, as ${why}; use one that may only select`;
