/** Edits that still look like a slip of the pen: one for short words, a third of the letters for long ones. */
const allowedEdits = (word: string): number => Math.max(1, Math.floor(word.length / 3));

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

const letters = (name: string): string => name.toLowerCase().replace(/[_.\s-]/g, '');

/** The known name that was probably meant, or null. Case and separators do not count: `write_key` is near `writeKey`. */
export function nearestName(word: string, known: Iterable<string>): string | null {
  // Comparing is quadratic in the length; a name that long is none of ours anyway.
  if (word.length > 200) return null;
  const [wanted, allowed] = [letters(word), allowedEdits(letters(word))];
  if (wanted === '') return null;
  let best: { name: string; distance: number } | null = null;
  for (const name of known) {
    const distance = editDistance(wanted, letters(name));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? null;
}

/** `Did you mean "users"?`, or the known names, or what to say when there is none. */
export function suggestName(word: string, known: readonly string[], ifNone: string): string {
  const near = nearestName(word, known);
  if (near !== null) return `Did you mean "${near}"?`;
  return known.length === 0 ? ifNone : `Known: ${[...known].sort().join(', ')}.`;
}
