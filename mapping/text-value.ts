import { unescapeSpool } from '../vocabulary/spool.ts';

/** What spool or JSON escape, and what may be half of a surrogate pair. */
const needsCare = /[\\"\u0000-\u001f\ud800-\udfff]/;

/** A spooled text as a JSON string. Most texts are the same in both. */
export const textValue = (written: string): string =>
  needsCare.test(written) ? JSON.stringify(unescapeSpool(written)) : `"${written}"`;

/** A text as a JSON string. */
export const jsonText = (text: string): string => (needsCare.test(text) ? JSON.stringify(text) : `"${text}"`);
