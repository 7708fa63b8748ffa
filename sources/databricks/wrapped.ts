/** Where the SELECT of a model stands in a statement of ours. */
export interface Wrapped {
  model: string;
  sql: string;
  /** What stands before it; ends with a line break. */
  before: string;
}

/** `(line 2, pos 12)` of the parser, `line 2 pos 7` of the analyser; both count characters of a line from 0. */
const COUNTED_FROM_0 = /\bline (\d+),? pos (\d+)/;
/** `== SQL (line 2, position 8) ==` of what happens at run time counts from 1. */
const COUNTED_FROM_1 = /\(line (\d+), position (\d+)\)/;

/** The place in the SQL of the model that a message of Spark names; one behind its end is its end. */
export function placeInModel({ before, sql }: Wrapped, message: string): string | null {
  const fromZero = COUNTED_FROM_0.exec(message);
  const found = fromZero ?? COUNTED_FROM_1.exec(message);
  if (found === null) return null;
  const lines = sql.split('\n');
  const line = Number(found[1]) - (before.split('\n').length - 1);
  const column = Number(found[2]) + (fromZero === null ? 0 : 1);
  if (line < 1) return null;
  const last = lines.length;
  return line > last
    ? `line ${last}, column ${[...(lines[last - 1] ?? '')].length + 1}`
    : `line ${line}, column ${column}`;
}
