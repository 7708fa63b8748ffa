import { createHash } from 'node:crypto';

/** SHA-256 of a write key, in hex: tells sources apart without keeping the key. */
export const writeKeyDigest = (writeKey: string): string =>
  createHash('sha256').update(writeKey).digest('hex');
