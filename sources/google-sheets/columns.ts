import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { requireOwnNames } from '../choose-columns.ts';
import { columnLetters } from './a1.ts';
import { cellText } from './cell-text.ts';
import type { Cell } from './cells.ts';
import { isEmpty, kindOf, type Seen } from './column-kind.ts';
import type { Area } from './locate.ts';
import { zoneToUtc, type ToUtc } from './time-zone.ts';

export interface SheetColumn extends Column {
  /** In the area, from 0. */
  position: number;
  /** The cell of the first formula that failed. */
  error: { cell: string; type: string } | null;
}

/** The names in the first row of an area, without blanks around them; null where there is none. */
export function headerNames(model: string, area: Area, header: readonly Cell[]): (string | null)[] {
  const names = header.map((cell, position) => {
    if (cell !== null && typeof cell === 'object' && cell[0] === 'e') {
      throw formulaFailed(model, { cell: addressOf(area, area.top, position), type: cell[1] });
    }
    const name = cellText(cell, 'text', zoneOf(model, area))?.trim() ?? '';
    return name === '' ? null : name;
  });
  if (names.every((name) => name === null)) {
    throw new BackhaulError(
      'source_column_unnamed',
      `model ${model}, tab "${area.tab}": row ${area.top} is empty`,
      {
        action: 'Write the names of the columns into the first row of the tab, or of the range.',
      },
    );
  }
  requireOwnNames(
    model,
    names.filter((name) => name !== null),
  );
  return names;
}

/** A column without a name is left out when it holds nothing. */
export function columnsOf(
  model: string,
  area: Area,
  names: readonly (string | null)[],
  seen: readonly Seen[],
): SheetColumn[] {
  return names.flatMap((name, position): SheetColumn[] => {
    const cells = seen[position];
    if (cells === undefined) return [];
    if (name === null) {
      if (isEmpty(cells)) return [];
      const letters = columnLetters(area.left + position);
      throw new BackhaulError(
        'source_column_unnamed',
        `model ${model}, tab "${area.tab}": column ${letters} holds values, and ${letters}${area.top} is empty`,
        { action: 'Write a name there, or leave the column out by a range.' },
      );
    }
    const { error } = cells;
    return [
      {
        name,
        ...kindOf(cells),
        position,
        error: error === null ? null : { cell: addressOf(area, error.row, position), type: error.type },
      },
    ];
  });
}

/** Nobody could say what the formula would have given, and null would erase what Segment has. */
export const formulaFailed = (
  model: string,
  { cell, type }: { cell: string; type: string },
): BackhaulError =>
  type === 'LOADING'
    ? new BackhaulError('source_partial_result', `model ${model}, ${cell} is still being computed`)
    : new BackhaulError(
        'source_value_unsupported',
        `model ${model}, ${cell}: the formula ends in an error, ${type}`,
        {
          action: 'Mend the formula, or give it a value for this case: =IFERROR(…, "").',
        },
      );

export const addressOf = (area: Area, row: number, position: number): string =>
  `${area.tab}!${columnLetters(area.left + position)}${row}`;

/** Fails when it is used, for a zone that is not known. */
export function zoneOf(model: string, { timeZone }: Area): ToUtc {
  const toUtc = zoneToUtc(timeZone);
  if (toUtc !== null) return toUtc;
  return () => {
    throw new BackhaulError(
      'source_value_unsupported',
      `model ${model}, time zone "${timeZone}" of the spreadsheet`,
      {
        action: 'Choose another time zone in the settings of the spreadsheet.',
      },
    );
  };
}
