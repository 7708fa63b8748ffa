/** Apostrophes stand inside a word: `customer's` is one. */
const apostrophes = /['’‘ʼ＇]/g;
const zeroWidthSpace = /\u200b/g;
/** Soft hyphens, joiners, variation selectors: nobody who reads the name sees them. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu;
/** Letters, their marks and digits make words; anything else, emoji and punctuation included, only parts them. */
const runOfLetters = /[\p{L}\p{N}][\p{L}\p{Mn}\p{Mc}\p{N}]*/gu;

/**
 * Where a run of mixed case falls apart:
 *
 * 1. between a small letter and a capital: `user|Id`; digits between them stay with the small letters: `page2|URL`;
 * 2. before the last capital of a row when a small letter follows: `HTTP|Server`, `MD5|Hash`; but a plural `s` stays
 *    with its acronym: `user|IDs`, `URLs|Visited`.
 *
 * So digits are never cut off the letters before them: `sha256`, `H2O`, `30d`. A capital is a letter that has a small
 * form (CWL): the letters of mathematics have none.
 */
const caseBorder =
  /(?<=\p{Ll}\p{M}*\p{N}*)(?=\p{CWL})|(?<=[\p{Lu}\p{N}]\p{M}*)(?=\p{CWL}\p{M}*(?!s(?!\p{Ll}))\p{Ll})/u;

/** The words of a column's name, in their own case; none when it has neither letter nor digit. */
export const wordsOf = (name: string): string[] => {
  const seen = name
    .normalize('NFC')
    .replace(apostrophes, '')
    // An n with an apostrophe of its own, which would show in its capital.
    .replaceAll('ŉ', 'n')
    .replace(zeroWidthSpace, ' ')
    .replace(unseen, '')
    // Without what stood between them, a letter and its mark may be one character.
    .normalize('NFC');
  return (seen.match(runOfLetters) ?? []).flatMap((run) => run.split(caseBorder));
};
