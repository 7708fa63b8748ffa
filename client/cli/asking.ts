/** Questions to the person at the terminal. Each throws `Interruption` when it is answered with Ctrl-C. */
export interface Asking {
  /** Nothing of the answer is shown. */
  secret(question: string): Promise<string>;
  /** An empty answer is allowed when `optional`. */
  text(question: string, options: { hint: string; optional: boolean }): Promise<string>;
  /** @returns the values that were chosen, one unless `many` */
  choose(question: string, choices: readonly Choice[], many: boolean): Promise<string[]>;
}

export interface Choice {
  value: string;
  label: string;
  hint?: string | undefined;
}

/** Ctrl-C at a question: nothing was done. */
export class Interruption extends Error {}
