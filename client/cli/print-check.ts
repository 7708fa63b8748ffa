import type { ErrorView } from '../../vocabulary/backhaul-error.ts';
import type { ConnectionCheck } from '../on-worker.ts';
import type { CliIo } from './io.ts';
import { printError } from './output.ts';

export interface CheckResult extends ConnectionCheck {
  connection: string;
  ok: boolean;
  error: ErrorView | null;
}

/** @param out where the result itself goes @default what a script reads */
export function printCheck(
  io: CliIo,
  { connection, error, notes, ok, test, warnings }: CheckResult,
  out: (line: string) => void = io.out,
): void {
  out(`${connection}: ${ok ? io.colors.green('ok') : io.colors.red('not usable')}`);
  for (const note of notes) io.err(`  ${note}`);
  for (const warning of warnings) io.err(`  ${io.colors.yellow('warning')} ${warning}`);
  if (test !== undefined) {
    io.err(`  sent one identify of the user ${test.userId}, which no destination gets`);
    io.err(`  see it at ${test.seeAt}`);
  }
  if (error !== null) printError(io, error);
}
