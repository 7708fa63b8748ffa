import { ApiFailure } from './api-failure.ts';
import type { StandinCell, StandinSpreadsheet } from './documents.ts';
import { resolveRange, writeRange } from './ranges.ts';

const RENDERINGS = ['FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'];

/** The body of `values.get`. Backhaul does not call it: it is there for Google's own client. */
export function valueRangeBody(spreadsheet: StandinSpreadsheet, a1: string, query: URLSearchParams): object {
  const rendering = query.get('valueRenderOption') ?? 'FORMATTED_VALUE';
  if (!RENDERINGS.includes(rendering)) {
    throw new ApiFailure(400, 'INVALID_ARGUMENT', `Invalid value at 'value_render_option', "${rendering}"`);
  }
  const range = resolveRange(spreadsheet, a1);
  const values: unknown[][] = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    const cells: unknown[] = [];
    for (let column = range.left; column <= range.right; column += 1) {
      cells.push(rendered(range.tab.cell(row, column), rendering));
    }
    while (cells.at(-1) === '') cells.pop();
    values.push(cells);
  }
  while (values.at(-1)?.length === 0) values.pop();
  return { range: writeRange(range), majorDimension: 'ROWS', ...(values.length === 0 ? {} : { values }) };
}

function rendered(cell: StandinCell | undefined, rendering: string): unknown {
  if (cell === undefined) return '';
  const { formula, value } = cell;
  if (rendering === 'FORMULA' && formula !== undefined) return formula;
  if (typeof value === 'object') return `#${value.error}`;
  if (rendering === 'UNFORMATTED_VALUE') return value;
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
}
