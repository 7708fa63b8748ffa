import type { ColumnKind } from '../../vocabulary/columns.ts';
import type { Cell } from './cells.ts';
import { dateText, momentText, timeText } from './serial-time.ts';
import type { ToUtc } from './time-zone.ts';

/** The canonical text of a cell in a column of a kind. In a text column each cell has the text of its own type. */
export function cellText(cell: Exclude<Cell, ['e', string]>, kind: ColumnKind, toUtc: ToUtc): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'boolean') return kind === 'boolean' ? (cell ? 't' : 'f') : String(cell);
  const [mark, serial] = cell;
  if (mark === 't') return timeText(serial);
  if (kind === 'timestamp') return momentText(serial, toUtc);
  if (kind === 'date' || (mark === 'd' && Number.isInteger(serial))) return dateText(serial);
  return `${momentText(serial, toUtc).replace(' ', 'T')}Z`;
}
