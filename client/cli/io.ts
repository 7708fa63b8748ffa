import pc from 'picocolors';
import type { Asking } from './asking.ts';

type Formatter = typeof pc.bold;

/** Where a command reads and writes, so that tests and other hosts can stand in. */
export interface CliIo {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** What a script reads: the one JSON document, or the tables that were asked for. */
  out(line: string): void;
  /** Resolves when what was printed has been taken, for output that may be large. @default it is taken at once */
  taken?(): Promise<void>;
  /** What a person reads: progress, words, errors. */
  err(line: string): void;
  /** Whether the person's stream is a terminal. */
  isTerminal: boolean;
  /** Asks a yes-or-no question; undefined when nobody can answer. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Asks the person at the terminal; null when nobody can answer. */
  ask: Asking | null;
  /** All of standard input. */
  readStdin(): Promise<string>;
  /** Aborted by Ctrl-C. */
  interrupted: AbortSignal;
  colors: Colors;
}

export interface Colors {
  bold: Formatter;
  dim: Formatter;
  green: Formatter;
  red: Formatter;
  yellow: Formatter;
}

/** Colours for a terminal that wants them: https://no-color.org */
export const colorsFor = (isTerminal: boolean, env: NodeJS.ProcessEnv): Colors =>
  pc.createColors(isTerminal && (env.NO_COLOR === undefined || env.NO_COLOR === ''));
