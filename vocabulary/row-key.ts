import { SPOOL_NULL } from './spool.ts';

/** Between the parts of a key, as a person reads and writes it: `acme/user-9`. */
export const KEY_SEPARATOR = '/';

/**
 * The key of a row whose first values make it: one value as it is; several joined by `/`, where a slash or a backslash of
 * a value gets a backslash in front and a null is nothing. So no two rows of different values have the same key.
 * snapshot/key-column.ts says the same in SQL.
 *
 * @param values as the spool writes them, null for NULL
 * @returns as the spool would write it
 * @example
 * spooledKey(['acme', 'user-9', 'more'], 2); // 'acme/user-9'
 */
export function spooledKey(values: readonly (string | null)[], parts: number): string {
  const [first = null] = values;
  if (parts === 1 || first === null || first === '') return first ?? SPOOL_NULL;
  return values.slice(0, parts).map(escaped).join(KEY_SEPARATOR);
}

/** Its own backslashes are written doubled by the spool, and so are those that are put in front. */
const escaped = (value: string | null): string =>
  value === null ? '' : value.replaceAll('\\\\', '\\\\\\\\').replaceAll('/', '\\\\/');
