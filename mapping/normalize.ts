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
      return column.toLowerCase();
    case 'upper_case':
      return column.toUpperCase();
    case 'start_case':
      return wordsOf(column).map(capitalized).join(' ');
    case 'camel_case':
      return wordsOf(column)
        .map((word, position) => (position === 0 ? word.toLowerCase() : capitalized(word)))
        .join('');
    case 'snake_case':
      return wordsOf(column)
        .map((word) => word.toLowerCase())
        .join('_');
  }
}

/** The first letter in upper case, the others in lower case; a letter that becomes two, as ß does, becomes `Ss`. */
function capitalized(word: string): string {
  const [first = '', ...others] = word;
  const [initial = '', ...rest] = first.toUpperCase();
  return initial + (rest.join('') + others.join('')).toLowerCase();
}
