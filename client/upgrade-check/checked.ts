/** What one look at the installation found. */
export interface Checked {
  check: string;
  verdict: 'passes' | 'warns' | 'fails';
  /** What was found, and what to do; a sentence each. */
  says: string[];
}

/** Fails by the first list, warns by the second; else it passes, and says the third. */
export const checked = (
  check: string,
  { failing = [], warning = [], passing = [] }: Partial<Record<'failing' | 'warning' | 'passing', string[]>>,
): Checked => ({
  check,
  verdict: failing.length > 0 ? 'fails' : warning.length > 0 ? 'warns' : 'passes',
  says: [...failing, ...warning, ...passing],
});
