import type { StatePointer } from '../ledger/states.ts';
import type { Selection } from '../ledger/selections.ts';
import type { TraitSummary } from '../ledger/state-record.ts';
import type { RunMode } from '../vocabulary/run.ts';

/** Whether a run sends every row or what changed, and why: pure. */
export function chooseMode(
  run: { full: boolean; selection?: Selection | null },
  state: StatePointer | undefined,
  mapping: { digest: string; traits: readonly TraitSummary[] },
): { mode: RunMode; modeReason: string } {
  if (run.selection != null) return { mode: 'restricted', modeReason: describeSelection(run.selection) };
  if (state?.blob == null)
    return { mode: 'full', modeReason: 'first run: nothing was accepted by Segment yet' };
  if (run.full) return { mode: 'full', modeReason: 'asked for: every row is sent again' };
  if (state.mappingDigest === mapping.digest) {
    return { mode: 'incremental', modeReason: 'what changed since the last run' };
  }
  if (state.mappingDigest === null) {
    return { mode: 'full', modeReason: 'the first full run is not complete yet: what is left of it is sent' };
  }
  return {
    mode: 'full',
    modeReason: `the mapping changed: ${describeTraits(state.traits ?? [], mapping.traits)}`,
  };
}

/** Whose rows they are, without a word of their keys. */
function describeSelection(selection: Selection): string {
  if (selection.kind === 'keys') return 'asked for: one row is sent, changed or not, and no other';
  const which = selection.outcome === 'rejected' ? 'Segment rejected' : 'was invalid';
  return `asked for: only what ${which} in run ${selection.run}, with the values of now`;
}

/** What differs between two mappings, by the names of traits. */
export function describeTraits(before: readonly TraitSummary[], after: readonly TraitSummary[]): string {
  const { added, gone, moved } = traitChanges(before, after);
  const parts = [list('new', added), list('no longer sent', gone), list('from elsewhere', moved)].filter(
    (part) => part !== '',
  );
  return parts.length > 0 ? parts.join('; ') : 'a constant, a null, or how a value is written is another one';
}

export interface TraitChanges {
  added: string[];
  gone: string[];
  /** From another column, or made in another way. */
  moved: string[];
}

/** Names of traits, sorted. */
export function traitChanges(before: readonly TraitSummary[], after: readonly TraitSummary[]): TraitChanges {
  const source = ({ from, kind }: TraitSummary): string => `${from ?? ''}\0${kind}`;
  const old = new Map(before.map((trait) => [trait.name, source(trait)]));
  const now = new Map(after.map((trait) => [trait.name, source(trait)]));
  return {
    added: [...now.keys()].filter((name) => !old.has(name)).sort(),
    gone: [...old.keys()].filter((name) => !now.has(name)).sort(),
    moved: [...now]
      .filter(([name, from]) => old.has(name) && old.get(name) !== from)
      .map(([name]) => name)
      .sort(),
  };
}

const MOST_NAMED = 10;

function list(word: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const named = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${word}: ${named}${more}`;
}
