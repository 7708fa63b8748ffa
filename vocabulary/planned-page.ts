import { blobName, type BlobName } from './ids.ts';
import { findLine } from './tabbed-lines.ts';

export type Change = 'added' | 'changed' | 'unchanged';

/** As a page at rest writes it, first in the line. */
export const changes: Readonly<Record<string, Change>> = { a: 'added', c: 'changed', u: 'unchanged' };

/** Change, sequence and both halves of the fingerprint stand before the row itself, whose first value is the key. */
export const BEFORE_VALUES = 4;

export const pageName = (prefix: BlobName, page: number): BlobName => blobName(prefix, `page-${page}`);

/** What the plan took the row of a key for; null: it is not on this page. @param key as spooled */
export function changeOf(page: Buffer, key: string): Change | null {
  const [change] = findLine(page, BEFORE_VALUES, key) ?? [];
  return changes[change ?? ''] ?? null;
}
