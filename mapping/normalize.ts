import type { Normalization } from '../definitions/sync.ts';
import { wordsOf } from './words.ts';

/**
 * The trait's name of a column under a normalization rule; empty when nothing of the name is left.
 * `docs/normalization.md` says what each rule does, and its table is the test.
 *
 * @example
 * normalizeName('camel_case', 'logins_30d'); // 'logins30d'
 * normalizeName('start_case', 'logins_30d'); // 'Logins 30d'
 */
export function normalizeName(rule: Normalization, column: string): string {
  switch (rule) {
    case 'match_source_names':
      return column;
    case 'lower_case':
      return lower(column.normalize('NFC')).normalize('NFC');
    case 'upper_case':
      return column.normalize('NFC').toUpperCase().normalize('NFC');
    case 'start_case':
      return wordsOf(column).map(capitalized).join(' ').normalize('NFC');
    case 'camel_case':
      return wordsOf(column)
        .map((word, position) => (position === 0 ? lower(word) : capitalized(word)))
        .join('')
        .normalize('NFC');
    case 'snake_case':
      return wordsOf(column).map(lower).join('_').normalize('NFC');
  }
}

/** Unicode would leave a dot behind: `İ` becomes `i` and an invisible U+0307, and `istanbul` two different names. */
const lower = (text: string): string => text.replaceAll('İ', 'i').toLowerCase();

/** The capitals of today's Georgian are for words in capitals only. */
const neverInitial = /^[ა-ჿ]/;

/** The first letter in upper case, the others in lower case; a letter that becomes two, as ß does, becomes `Ss`. */
function capitalized(word: string): string {
  if (neverInitial.test(word)) return lower(word);
  const [first = '', ...others] = word;
  const [initial = '', ...rest] = first.toUpperCase();
  return initial + lower(rest.join('') + others.join(''));
}
