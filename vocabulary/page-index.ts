import { unescapeSpool } from './spool.ts';

/** The keys of a page's index, by position of their message. A line is page, position, key, fingerprint, sequence. */
export const readIndexKeys = (index: Buffer): string[] =>
  index
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => unescapeSpool(line.split('\t')[2] ?? ''));
