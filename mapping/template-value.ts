import { Context, type Liquid } from 'liquidjs';
import { createTemplateEngine } from '../definitions/template-engine.ts';
import type { Column } from '../vocabulary/columns.ts';
import { MAX_VALUE_BYTES, unescapeSpool } from '../vocabulary/spool.ts';
import { textAs } from './convert.ts';
import { templateFilters } from './template-filters.ts';
import { programOf } from './template-program.ts';
import { jsonText } from './text-value.ts';
import type { ValueSource } from './traits.ts';
import {
  isTooLarge,
  isUnsendable,
  templateFailed,
  tooLarge,
  valueWriter,
  type WrittenValue,
} from './value.ts';

let shared: Liquid | null = null;
const engine = (): Liquid => (shared ??= createTemplateEngine(templateFilters));

/**
 * Writes what a template makes of a row. The template is read once, here. A template that renders nothing at all is a
 * null.
 */
export function templateWriter(
  { columns, text, type }: Extract<ValueSource, { kind: 'template' }>,
  places: ReadonlyMap<string, number>,
): (values: readonly (string | null)[]) => WrittenValue {
  const readers = columns.map(columnReader);
  const from = columns.map(({ name }) => places.get(name) ?? -1);
  const render = renderer(
    engine(),
    text,
    columns.map(({ name }) => name),
  );
  const writeText = type === null || type === 'string' ? jsonText : (made: string) => textAs(type, made);
  const row: unknown[] = columns.map(() => null);
  return (values) => {
    // Not by `entries()`: two templates for each of a million rows are worth it.
    for (let column = 0; column < readers.length; column += 1) {
      const spooled = values[from[column] ?? -1] ?? null;
      const value = spooled === null ? null : readers[column]?.(spooled);
      if (typeof value === 'object' && isUnsendable(value)) return value;
      row[column] = value;
    }
    let rendered: string;
    try {
      rendered = render(row);
    } catch {
      // What it says may hold values of the row.
      return templateFailed;
    }
    if (rendered === '') return 'null';
    return rendered.length > MAX_VALUE_BYTES ? tooLarge : writeText(rendered);
  };
}

/**
 * What a template makes of a row; in steps of our own where it is simple enough, else by Liquid, at ten times the cost.
 *
 * @param columns in the order of a row
 */
export function renderer(
  liquid: Liquid,
  text: string,
  columns: readonly string[],
): (row: readonly unknown[]) => string {
  const parts = liquid.parse(text);
  const program = programOf({ liquid, columns }, parts);
  const scopeOf = (row: readonly unknown[]): object =>
    Object.fromEntries(columns.map((name, position) => [name, row[position]]));
  const byLiquid = (row: readonly unknown[]): string =>
    liquid.renderSync(parts, new Context(scopeOf(row), liquid.options, { sync: true }, { liquid })) as string;
  if (program === null) return byLiquid;

  // Steps leave nothing in a context but what was counted against the limit of memory.
  const newContext = (): Context => new Context({}, liquid.options, { sync: true }, { liquid });
  let context = newContext();
  return (row) => {
    try {
      return program(row, context) ?? byLiquid(row);
    } catch {
      // The rows before may have used it up: once more with all of it.
      context = newContext();
      return program(row, context) ?? byLiquid(row);
    }
  };
}

/**
 * Reads a value as templates see it: what is sent as a number is one, and what is sent as a string is one; so also a
 * number that a double would change. JSON is objects and lists.
 */
function columnReader(column: Column): (written: string) => unknown {
  if (column.kind === 'text') {
    return (written) => (isTooLarge(written) ? tooLarge : unescapeSpool(written));
  }
  const write = valueWriter(column);
  return (written) => {
    const json = write(written);
    return typeof json === 'string' ? (JSON.parse(json) as unknown) : json;
  };
}
