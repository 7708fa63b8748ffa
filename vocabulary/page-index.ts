import { unescapeSpool } from './spool.ts';

/**
 * The keys of a page's index as they are spooled, by position of their message. A line is page, position, key, fingerprint,
 * sequence.
 */
export const spooledKeys = (index: Buffer): string[] =>
  index
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[2] ?? '');

/** The keys themselves. */
export const readIndexKeys = (index: Buffer): string[] => spooledKeys(index).map(unescapeSpool);
