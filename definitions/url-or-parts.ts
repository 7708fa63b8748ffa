import { has, type Fields } from './checked.ts';
import type { Finding } from './issues.ts';
import { missingField } from './missing-field.ts';
import { nearestName } from './nearest.ts';
import { piecesOf } from './reference-syntax.ts';

/** A database that is named by a URL, or by its parts. */
export interface UrlOrParts {
  /** What a URL of this database begins with. */
  pattern: RegExp;
  /** The same in words. */
  begins: string;
  example: string;
}

const partFields = ['host', 'port', 'database', 'user', 'password'] as const;
const requiredParts = ['host', 'database', 'user'] as const;

/** Either `url`, or at least host, database and user; not both. */
export function urlOrParts(fields: Fields, title: string, form: UrlOrParts): Finding[] {
  const parts = partFields.filter((part) => has(fields, part));
  if (has(fields, 'url')) {
    const both = parts.map((part): Finding => ({
      path: [part],
      at: 'key',
      message: `"${part}" is given beside "url"`,
      fix: 'Write either url, or host, port, database, user and password.',
    }));
    return [...both, ...urlFindings(fields.url, form)];
  }
  if (parts.length > 0) {
    return requiredParts
      .filter((part) => !has(fields, part))
      .map((part) => missingField(part, `Add ${part}, or write a url.`, title));
  }
  const slip = Object.keys(fields).some((field) => nearestName(field, ['url', ...partFields]) !== null);
  return slip
    ? []
    : [missingField('url', 'Add url: ${WAREHOUSE_URL}, or host, database, user and password.', title)];
}

function urlFindings(url: unknown, { pattern, begins, example }: UrlOrParts): Finding[] {
  const first = typeof url === 'string' ? piecesOf(url)[0] : undefined;
  if (first?.kind !== 'text' || first.text.trim() === '' || pattern.test(first.text)) return [];
  return [
    {
      path: ['url'],
      at: 'value',
      message: `"url" does not begin with ${begins}`,
      fix: `Write ${example}, or \${WAREHOUSE_URL}.`,
    },
  ];
}
