import { readSmallFile } from '../definitions/read-small-file.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * A certificate or a key that is given as it is, or by the path of its file.
 *
 * @param what it is, for the error
 * @throws source_tls
 */
export function pemOf(what: string, given: string): string {
  if (given.includes('-----BEGIN')) return given;
  const file = readSmallFile(given);
  if ('text' in file) return file.text;
  throw new BackhaulError('source_tls', `${what} ${file.refused}`, { cause: file.cause });
}
