import { has, type Fields } from './checked.ts';
import type { Finding } from './issues.ts';
import { missingField } from './missing-field.ts';

/** Exactly one of several kinds of credentials, each made of one or more fields; the first is the one to suggest. */
export function oneWayIn(fields: Fields, title: string, ways: readonly (readonly string[])[]): Finding[] {
  const inWords = ways.map((way) => way.join(' with ')).join(', or ');
  const begun = ways.filter((way) => way.some((field) => has(fields, field)));
  const [first, ...others] = begun;
  if (first === undefined) return [missingField(ways[0]?.[0] ?? '', `Add ${inWords}.`, title)];
  const incomplete = first
    .filter((field) => !has(fields, field))
    .map((field) => missingField(field, `Add ${field}.`, title));
  const beside = others.flatMap((way) =>
    way
      .filter((field) => has(fields, field))
      .map((field): Finding => ({
        path: [field],
        at: 'key',
        message: `"${field}" is given beside "${first[0]}"`,
        fix: `Write ${inWords}.`,
      })),
  );
  return [...incomplete, ...beside];
}
