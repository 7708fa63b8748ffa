import { Context, type Liquid } from 'liquidjs';
import { createTemplateEngine } from '../definitions/template-engine.ts';
import type { ColumnKind } from '../vocabulary/columns.ts';
import { MAX_VALUE_BYTES, unescapeSpool } from '../vocabulary/spool.ts';
import { textAs } from './convert.ts';
import { templateFilters } from './template-filters.ts';
import { programOf } from './template-program.ts';
import { jsonText } from './text-value.ts';
import type { ValueSource } from './traits.ts';
import { templateFailed, tooLarge, valueWriter, type WrittenValue } from './value.ts';

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
  const read = columns.map((column) => ({
    kind: column.kind,
    place: places.get(column.name) ?? -1,
    write: valueWriter(column),
  }));
  const names = columns.map(({ name }) => name);
  const render = renderer(engine(), text, names);
  const writeText = type === null || type === 'string' ? jsonText : (made: string) => textAs(type, made);
  const row: unknown[] = names.map(() => null);
  return (values) => {
    for (const [position, { kind, place, write }] of read.entries()) {
      const spooled = values[place] ?? null;
      const json = spooled === null ? null : write(spooled);
      if (json !== null && typeof json !== 'string') return json;
      row[position] = spooled === null || json === null ? null : templateValue(kind, spooled, json);
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
 * A value as templates see it: what is sent as a number is one, and what is sent as a string is one; so also a number
 * that a double would change. JSON is objects and lists.
 */
function templateValue(kind: ColumnKind, written: string, json: string): unknown {
  if (kind === 'text') return unescapeSpool(written);
  if (kind === 'json') return JSON.parse(json) as unknown;
  if (json.startsWith('"')) return json.slice(1, -1);
  return kind === 'boolean' ? json === 'true' : Number(json);
}
