import type { Field } from './columns.ts';
import { decimalText, floatText, jsonOf, objectOf } from './scalar-text.ts';
import { intervalText, momentText, wholeFraction } from './time-text.ts';

/** A value as `jobs.getQueryResults` gives it: a text, `{f: [{v}]}` of a STRUCT, `[{v}]` of an ARRAY, or null. */
export type RawValue = string | null | { f: Cell[] } | Cell[];
export interface Cell {
  v: RawValue;
}

type Write = (raw: RawValue) => string;

/** Writes the values of a field as canonical texts (vocabulary/columns.ts). Not NULL. */
export function restWriter(field: Field): Write {
  if (!field.repeated) return single(field);
  const element = jsonWriter({ ...field, repeated: false });
  return (raw) => `[${(raw as Cell[]).map((cell) => element(cell.v)).join(',')}]`;
}

function single({ type, fields }: Field): Write {
  switch (type) {
    case 'STRUCT': {
      const names = fields.map(({ name }) => JSON.stringify(name));
      const writers = fields.map(jsonWriter);
      return (raw) => {
        const { f: cells } = raw as { f: Cell[] };
        return objectOf(
          names,
          writers.map((write, position) => write(cells[position]?.v ?? null)),
        );
      };
    }
    case 'RANGE':
      return rangeWriter(fields);
    default: {
      const write = scalar(type);
      return (raw) => write(raw as string);
    }
  }
}

function jsonWriter(field: Field): Write {
  const write = restWriter(field);
  if (field.repeated) return (raw) => (raw === null ? '[]' : write(raw));
  return (raw) => (raw === null ? 'null' : jsonOf(field.type, write(raw)));
}

/** `[2024-01-01, UNBOUNDED)`: a half-open range, whose ends hold no comma. */
function rangeWriter([element]: readonly Field[]): Write {
  const type = element?.type ?? 'DATE';
  const write = scalar(type);
  const end = (text: string): string =>
    text === 'UNBOUNDED' || text === 'NULL' ? 'null' : jsonOf(type, write(text));
  return (raw) => {
    const [start = '', finish = ''] = (raw as string).slice(1, -1).split(', ');
    return `{"start":${end(start)},"end":${end(finish)}}`;
  };
}

function scalar(type: string): (text: string) => string {
  switch (type) {
    case 'FLOAT64':
      return (text) => floatText(numberOf(text));
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return decimalText;
    case 'BOOL':
      return (text) => (text === 'true' ? 't' : 'f');
    case 'TIMESTAMP':
      return (text) => `${momentText(text)}+00`;
    case 'DATETIME':
      return (text) => wholeFraction(text.replace('T', ' '));
    case 'TIME':
      return wholeFraction;
    case 'INTERVAL':
      return intervalText;
    default:
      return (text) => text;
  }
}

/** BigQuery writes `Infinity`, `-Infinity` and `NaN`; `inf` in what older parts of it give. */
const numberOf = (text: string): number =>
  /inf/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
