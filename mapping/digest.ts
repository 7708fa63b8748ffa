import { createHash } from 'node:crypto';
import type { Trait } from './choose-traits.ts';

/** Raised when the same value or mapping is written in another way than before. */
const ENCODING_VERSION = 1;

/**
 * SHA-256 in hex of what the messages of a mapping say, apart from the rows' values. Mappings that send the same have
 * the same digest, in whatever order columns and mappings come, and whichever rule gave a trait its name. The
 * fingerprint of every row covers it.
 *
 * @param traits sorted by name
 */
export function mappingDigest(keyTo: string, traits: readonly Trait[]): string {
  const description = ['backhaul mapping', ENCODING_VERSION, 'user', keyTo, traits.map(describe)];
  return createHash('sha256').update(JSON.stringify(description)).digest('hex');
}

const describe = (trait: Trait): unknown[] =>
  trait.column === null
    ? [trait.name, 'constant', trait.constant]
    : [trait.name, 'column', trait.column.name, trait.column.kind, trait.nulls];
