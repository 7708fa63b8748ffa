import { formatFault, type Fault } from '../../definitions/fault.ts';
import { BackhaulError, type ErrorView } from '../../vocabulary/backhaul-error.ts';
import { temporalError } from '../temporal-error.ts';
import type { CliIo } from './io.ts';

/** The one document of a command with `--json`. */
export const printJson = (io: CliIo, document: unknown): void => io.out(JSON.stringify(document, null, 2));

/** Columns in line, two spaces apart; the first row is the header. */
export function table(io: CliIo, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  io.out(io.colors.bold(line(header)));
  for (const row of rows) io.out(line(row));
}

export function printError(io: CliIo, error: ErrorView): void {
  io.err(`${io.colors.red(error.code)}: ${error.message}`);
  io.err(`  ${error.action}`);
}

export function printFaults(io: CliIo, faults: readonly Fault[], warnings: readonly Fault[]): void {
  for (const fault of faults) io.err(formatFault(fault));
  for (const warning of warnings) io.err(`${io.colors.yellow('warning')} ${formatFault(warning)}`);
}

/** Any error as one for people; what nobody foresaw keeps its text, since it stays on this machine. */
export function errorOf(error: unknown): BackhaulError {
  const told = temporalError(error);
  if (told instanceof BackhaulError) return told;
  return new BackhaulError('internal', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

export const counted = (count: number): string => count.toLocaleString('en-US');

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${counted(count)} ${count === 1 ? one : many}`;
