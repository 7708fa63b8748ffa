import { isPlainName } from './plain-name.ts';
import { quoteIdentifier } from './select-only.ts';

/** MySQL names a table `'hidden'`, MariaDB `` `app`.`hidden` ``. */
const NAME = "((?:`[^`]*`\\.)*`[^`]*`|'[^']*')";
const onTable = new RegExp(`^(\\w{1,30}) command denied to user .* for table ${NAME}`, 's');
const onColumn = new RegExp(
  `^(\\w{1,30}) command denied to user .* for column ${NAME} in table ${NAME}`,
  's',
);
const onRoutine = new RegExp(`^execute command denied to user .* for routine ${NAME}`, 'is');
const onDatabase = new RegExp(`^Access denied for user .* to database ${NAME}`, 's');

/**
 * The statement that gives what an error of these numbers misses; null where it does not tell.
 *
 * @param account as the server knows the user: `reader@%`
 */
export function missingGrant(number: number, said: string, account: string | undefined): string | null {
  const to = `to ${account === undefined ? 'the user' : quoteAccount(account)}`;
  switch (number) {
    case 1142: {
      const [, privilege = '', table = ''] = onTable.exec(said) ?? [];
      return !isPlainName(table) ? null : `grant ${privilege.toLowerCase()} on ${identifiers(table)} ${to}`;
    }
    case 1143: {
      const [, privilege = '', column = '', table = ''] = onColumn.exec(said) ?? [];
      return !isPlainName(table) || !isPlainName(column)
        ? null
        : `grant ${privilege.toLowerCase()} (${identifiers(column)}) on ${identifiers(table)} ${to}`;
    }
    case 1370: {
      const [, routine = ''] = onRoutine.exec(said) ?? [];
      return !isPlainName(routine) ? null : `grant execute on function ${identifiers(routine)} ${to}`;
    }
    case 1044: {
      const [, database = ''] = onDatabase.exec(said) ?? [];
      return !isPlainName(database)
        ? null
        : `grant select on ${identifiers(database)}.* ${to} (if there is that database)`;
    }
    default:
      return null;
  }
}

const identifiers = (written: string): string =>
  written.startsWith('`')
    ? written
    : written
        .slice(1, -1)
        .split('.')
        .map((name) => quoteIdentifier(name))
        .join('.');

function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@');
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  return `${quoted(account.slice(0, at))}@${quoted(account.slice(at + 1))}`;
}
