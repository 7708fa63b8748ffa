import { KEY_SEPARATOR } from '../vocabulary/row-key.ts';
import { SPOOL_NULL } from '../vocabulary/spool.ts';
import { quote } from './duckdb.ts';

/** `spooledKey` of vocabulary/row-key.ts as SQL over a line of the spool. */
export function keyColumn(line: string, parts: number): string {
  const part = (place: number): string => `split_part(${line}, chr(9), ${place})`;
  if (parts === 1) return part(1);
  const escaped = (value: string): string =>
    `replace(replace(nullif(${value}, ${quote(SPOOL_NULL)}), ${quote('\\\\')}, ${quote('\\\\\\\\')}), ${quote('/')}, ${quote('\\\\/')})`;
  const joined = Array.from({ length: parts }, (_, place) => escaped(part(place + 1)));
  // concat_ws would leave a null out together with its separator.
  const texts = joined.map((text) => `coalesce(${text}, '')`).join(`, ${quote(KEY_SEPARATOR)}, `);
  return `case when ${part(1)} in (${quote(SPOOL_NULL)}, '') then ${part(1)} else concat(${texts}) end`;
}
