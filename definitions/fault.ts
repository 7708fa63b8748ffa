export type FaultCode =
  | 'invalid'
  | 'not_available_yet'
  | 'literal_secret'
  | 'nothing_mapped'
  | 'connection_elsewhere'
  | 'empty_file'
  | 'yaml';

/** Something to mend in a definition file. Line and column count from 1. Holds no value of a connection field. */
export interface Fault {
  code: FaultCode;
  file: string;
  line: number;
  column: number;
  /** Where in the document: `syncs.users.key.to`, `syncs.users.mapping[0].to`. */
  path: string;
  /** What is wrong; no full stop at its end. */
  message: string;
  /** What to write instead: one or two sentences. */
  fix: string;
}

export type Path = readonly (string | number)[];

export const formatPath = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );

/** @example backhaul.yaml:12:5: "modle" is not a field of a sync. Did you mean "model"? */
export const formatFault = ({ file, line, column, message, fix }: Fault): string =>
  `${file}:${line}:${column}: ${message}. ${fix}`;

/** In the order of the files; within one, what is wrong comes before what this version cannot do yet. */
export function sortFaults(faults: readonly Fault[], files: readonly string[]): Fault[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  const later = (fault: Fault): number => (fault.code === 'not_available_yet' ? 1 : 0);
  return [...faults].sort(
    (a, b) =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
      later(a) - later(b) ||
      a.line - b.line ||
      a.column - b.column,
  );
}
