import { readFileSync, realpathSync, statSync } from 'node:fs';
import { systemCode } from './system-code.ts';

/** A secret or a certificate is small; a device or a log is not one. */
const MAX_BYTES = 1024 * 1024;

/** The text of a file that a connection names; or why it is not read, as the end of a sentence about it. */
export function readSmallFile(named: string): { text: string } | { refused: string; cause?: unknown } {
  try {
    const path = realpathSync(named);
    // /proc/self/environ would give away the variables that no connection may read.
    if (/^\/(proc|sys|dev)\//.test(path)) return { refused: 'is a file of the system' };
    const found = statSync(path);
    // A pipe would be waited for.
    if (!found.isFile()) return { refused: 'is no regular file' };
    if (found.size > MAX_BYTES) return { refused: 'is larger than 1 MiB' };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { refused: `cannot be read (${systemCode(error) ?? 'no reason given'})`, cause: error };
  }
}
