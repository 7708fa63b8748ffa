import { behaviorNames, behaviors, objectNames, objects } from './objects.ts';

export const SECTION_BEGIN = '<!-- objects and behaviours: written by `npm run docs` -->';
export const SECTION_END = '<!-- end of objects and behaviours -->';

/** The part of docs/segment.md that says what a sync can make of its rows, in Markdown. */
export function objectsSection(): string {
  const beyond = (isBeyond: boolean): string => (isBeyond ? ' ★' : '');
  const objectRows = objectNames.map((name) => {
    const { behaviors: known, beyondDocument, call, identifiers, keys, row, values } = objects[name];
    return [
      `\`${name}\`${beyond(beyondDocument)}`,
      row,
      `\`${call}\``,
      keys.map(code).join(' or '),
      `\`identifiers\` ${identifiers.replaceAll(/userId|anonymousId/g, code)}`,
      known.map(code).join(', '),
      values,
    ];
  });
  const behaviorRows = behaviorNames.map((name) => [
    `\`${name}\`${beyond(behaviors[name].beyondDocument)}`,
    behaviors[name].meaning.replaceAll('update_or_create', code('update_or_create')),
  ]);
  return [
    SECTION_BEGIN,
    '',
    table(['object', 'a row is', 'becomes', '`key.to`', 'other ids', 'behaviours', 'values'], objectRows),
    '',
    table(['behaviour', 'means'], behaviorRows),
    '',
    "★ goes beyond what Census's Segment destination does.",
    '',
    SECTION_END,
  ].join('\n');
}

/** A page with its section as it has to be. @throws when the page has no place for it */
export function withObjectsSection(page: string): string {
  const [begin, end] = [page.indexOf(SECTION_BEGIN), page.indexOf(SECTION_END)];
  if (begin < 0 || end < begin) throw new Error('the page has no section of objects and behaviours');
  return page.slice(0, begin) + objectsSection() + page.slice(end + SECTION_END.length);
}

const code = (text: string): string => `\`${text}\``;

/** With columns as wide as their widest cell, as the formatter has it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
