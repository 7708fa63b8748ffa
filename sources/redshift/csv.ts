import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { SPOOL_NULL } from '../../vocabulary/spool.ts';
import type { RedshiftColumn } from './columns.ts';
import { labelOf } from './query.ts';
import { markedWriter } from './spool-writers.ts';

/** Turns CSV, as it comes, into lines of the spool. */
export interface CsvReader {
  /** The whole rows that are there by now. */
  read(text: string): string;
  /** The last row, where no line break follows it. */
  end(): string;
  /** Rows so far. */
  rows(): number;
}

const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** RFC 4180 with either line break. Rows were asked for with `marked` (query.ts). */
export function csvReader(columns: readonly RedshiftColumn[]): CsvReader {
  const writers = columns.map(markedWriter);
  const fields = Math.max(columns.length, 2);
  const header = Array.from({ length: fields }, (_, position) => labelOf(position)).join('\t');
  let rest = '';
  let rows = 0;
  let first = true;

  /** A row as the spool has it, or null where it is not whole yet. */
  let at = 0;
  const field = (text: string): string | null => {
    if (text.charCodeAt(at) !== QUOTE) {
      const start = at;
      for (; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code === COMMA || code === LINE_FEED || code === CARRIAGE_RETURN) return text.slice(start, at);
      }
      return null;
    }
    let quote = at;
    let doubled = false;
    for (;;) {
      quote = text.indexOf('"', quote + 1);
      // Whether it is doubled shows only in what follows.
      if (quote < 0 || quote + 1 >= text.length) return null;
      if (text.charCodeAt(quote + 1) !== QUOTE) break;
      doubled = true;
      quote += 1;
    }
    const inside = text.slice(at + 1, quote);
    at = quote + 1;
    return doubled ? inside.replaceAll('""', '"') : inside;
  };
  const row = (text: string): string[] | null => {
    const values: string[] = [];
    for (;;) {
      const value = field(text);
      if (value === null) return null;
      values.push(value);
      const code = text.charCodeAt(at);
      if (code === CARRIAGE_RETURN && at + 1 >= text.length) return null;
      at += code === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 2 : 1;
      if (code !== COMMA) return values;
    }
  };
  const spooled = (values: readonly string[]): string => {
    if (values.length !== fields) {
      throw new BackhaulError('row_unreadable', `a line of CSV has ${values.length} fields, not ${fields}`);
    }
    if (first) {
      first = false;
      if (values.join('\t') === header) return '';
    }
    rows += 1;
    let line = '';
    for (const [position, write] of writers.entries()) {
      if (position > 0) line += '\t';
      const value = values[position] ?? '';
      line += value === '' ? SPOOL_NULL : write(value);
    }
    return `${line}\n`;
  };
  const read = (text: string): string => {
    const all = rest + text;
    let lines = '';
    at = 0;
    for (;;) {
      const start = at;
      const values = row(all);
      if (values === null) {
        rest = all.slice(start);
        return lines;
      }
      lines += spooled(values);
    }
  };
  return {
    read,
    end: () => {
      const lines = rest === '' ? '' : read('\n');
      if (rest !== '') throw new BackhaulError('source_partial_result', 'a line of CSV has no end');
      return lines;
    },
    rows: () => rows,
  };
}
