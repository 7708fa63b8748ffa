import type { Writeback } from '../../vocabulary/writeback.ts';
import type { CliIo } from './io.ts';
import { counted, plural, printError } from './output.ts';

/** Where a run was written back to, a line each. */
export function printWritebacks(io: CliIo, writebacks: readonly Writeback[]): void {
  for (const writeback of writebacks) {
    io.out(`  written back  ${writebackText(writeback)}`);
    if (writeback.error !== null) printError(io, writeback.error);
  }
}

function writebackText({ files, rows, status, target }: Writeback): string {
  if (status !== 'written') return `${target}: ${status}`;
  const what = `${counted(rows)} ${rows === 1 ? 'row' : 'rows'}`;
  return target === 'blobs' ? `blobs: ${what} in ${plural(files, 'file')}` : `${target}: ${what}`;
}
