/** Letters, marks and digits make words; anything else, emoji and punctuation included, only parts them. */
const runOfLetters = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu;
const apostrophes = /['’]/g;

/**
 * Where a word of mixed case falls apart: `user|Id`, `sha256|Hash`, `HTTP|Server`. A plural `s` stays with its
 * acronym (`user|IDs`), and digits stay with the letters around them (`logins30d`, `H2O`).
 */
const caseBorder =
  /(?<=\p{Ll}\p{M}*)(?=[\p{Lu}\p{Lt}])|(?<=\p{N})(?=[\p{Lu}\p{Lt}]\p{M}*\p{Ll})|(?<=\p{Lu}\p{M}*)(?=[\p{Lu}\p{Lt}](?!s(?!\p{L}))\p{M}*\p{Ll})/u;

/** The words of a column's name, in their own case; none when it has neither letter nor digit. */
export const wordsOf = (name: string): string[] =>
  (name.normalize('NFC').replace(apostrophes, '').match(runOfLetters) ?? []).flatMap((run) =>
    run.split(caseBorder),
  );
