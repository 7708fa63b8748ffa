import type { sheets_v4 } from '@googleapis/sheets';

/**
 * A cell as it is kept until the kind of its column is known. Marked numbers: `d` a date, `m` a moment (date-time), `t` a
 * time of day or a duration, all in days since 30 December 1899. `e` is the error of a formula.
 */
export type Cell = null | boolean | number | string | ['d' | 'm' | 't', number] | ['e', string];

/** An empty text is an empty cell: a sheet shows no difference, and formulas such as `=IF(A2="", "", …)` mean none. */
export function cellOf({ effectiveValue, effectiveFormat }: sheets_v4.Schema$CellData): Cell {
  if (effectiveValue == null) return null;
  const { boolValue, errorValue, numberValue, stringValue } = effectiveValue;
  if (numberValue != null) return numberCell(numberValue, effectiveFormat?.numberFormat ?? {});
  if (stringValue != null) return stringValue === '' ? null : stringValue;
  if (boolValue != null) return boolValue;
  return errorValue == null ? null : ['e', errorValue.type ?? 'ERROR'];
}

function numberCell(value: number, { pattern, type }: sheets_v4.Schema$NumberFormat): Cell {
  switch (type) {
    case 'DATE':
      return ['d', value];
    case 'DATE_TIME':
      return ['m', value];
    case 'TIME': {
      // `[h]:mm` counts hours; without brackets only the clock of a moment is shown.
      const isDuration = pattern?.includes('[') ?? false;
      return [isDuration || (value >= 0 && value < 1) ? 't' : 'm', value];
    }
    default:
      return value;
  }
}
