import type { Session } from './session.ts';

/** What cannot change data, nor what there is. */
const HARMLESS = new Set([
  'USAGE',
  'SELECT',
  'SHOW VIEW',
  'SHOW DATABASES',
  'SHOW CREATE ROUTINE',
  'PROCESS',
  'EXECUTE',
  'REFERENCES',
  'LOCK TABLES',
  'CREATE TEMPORARY TABLES',
  'REPLICATION CLIENT',
  'BINLOG MONITOR',
  'SLAVE MONITOR',
  'CONNECTION ADMIN',
]);

/** What the credentials could do beyond reading. A model never writes; credentials that cannot are safer still. */
export async function writeWarnings(connection: string, session: Session): Promise<string[]> {
  for (const grant of await grantsOf(session)) {
    const could = writeOf(grant);
    if (could === null) continue;
    return [`connection ${connection}: its user could write (${could}); use one that may only select`];
  }
  return [];
}

/** MariaDB tells the grants of roles along with the others; MySQL has to be asked for those of the active ones. */
async function grantsOf(session: Session): Promise<string[]> {
  const texts = async (sql: string): Promise<string[]> =>
    (await session.rows(sql)).map(([value]) => value?.toString() ?? '');
  const roles = session.isMariadb ? '' : ((await texts('select current_role()'))[0] ?? '');
  return texts(
    roles === '' || roles === 'NONE' ? 'show grants' : `show grants for current_user() using ${roles}`,
  );
}

/** What a line of SHOW GRANTS allows that could write: `INSERT on app.*`. */
export function writeOf(grant: string): string | null {
  const [, listed, on] = /^GRANT (.*?) ON (?:TABLE )?(.+?) TO /s.exec(grant) ?? [];
  if (listed === undefined || on === undefined) return null;
  const privileges = listed.replace(/ ?\([^)]*\)/g, '').split(/, ?/);
  const could = privileges.find((privilege) => !HARMLESS.has(privilege.trim().toUpperCase()));
  return could === undefined ? null : `${could.trim()} on ${on.replaceAll('`', '')}`;
}
