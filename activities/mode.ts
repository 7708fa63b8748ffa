import type { SyncDefinition } from '../definitions/sync.ts';
import type { Adoption } from '../ledger/run-arguments.ts';
import type { StatePointer } from '../ledger/states.ts';
import type { Selection } from '../ledger/selections.ts';
import type { StateMapping, TraitSummary } from '../ledger/state-record.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { RunMode } from '../vocabulary/run.ts';
import { decideChange } from './changed-mapping.ts';

export interface ChosenMode {
  mode: RunMode;
  /** For people: also what a recap shows of a run that is yet to come. */
  modeReason: string;
  /** Rows that are the same by one of these are not sent: the state takes their new fingerprints. */
  earlier: StateMapping[];
  /** Why a person has to approve the plan; null: the mode asks for no approval. */
  approval: string | null;
}

/**
 * Whether a run sends every row, what changed, or nothing, and why: pure.
 *
 * @param described all columns that the model returns
 */
export function chooseMode(
  run: { full: boolean; adopt?: Adoption | null; selection?: Selection | null },
  sync: SyncDefinition,
  described: readonly Column[],
  state: StatePointer | undefined,
  mapping: CompiledMapping,
): ChosenMode {
  const chosen = (mode: RunMode, modeReason: string): ChosenMode => ({
    mode,
    modeReason,
    earlier: [],
    approval: null,
  });
  if (run.selection != null) return chosen('restricted', describeSelection(run.selection));
  if (run.adopt != null) {
    const which = run.adopt.condition === null ? 'every row' : 'every row for which the condition holds';
    return chosen('adopt', `asked for: ${which} that the state does not know is recorded as delivered`);
  }
  const isFirst = state?.blob == null;
  // Neither a single row that was sent nor a first run that was cut short has been the first run.
  if (sync.firstRun === 'adopt' && !run.full && (isFirst || state.mappingDigest === null)) {
    const which = isFirst ? 'every row' : 'every row that the state does not know';
    return chosen('adopt', `first run, and firstRun is adopt: ${which} is recorded as delivered`);
  }
  if (isFirst) return chosen('full', 'first run: nothing was accepted by Segment yet');
  if (sync.behavior === 'append') return chosen('incremental', 'rows that were not sent yet');
  if (run.full) return chosen('full', 'asked for: every row is sent again');
  if (state.mappingDigest === mapping.digest) return chosen('incremental', 'what changed since the last run');
  const { before, what } = changeSince(state, mapping);
  if (before === null) return chosen('full', what);

  const decision = decideChange(sync, described, mapping, before, state.mappings);
  switch (decision.policy) {
    case 'resend':
      return chosen('full', what);
    case 'approve':
      return { ...chosen('full', `${what}; ${decision.why}`), approval: `${what}; ${decision.why}` };
    case 'going_forward':
      return {
        ...chosen('incremental', `${what}; going_forward: rows are sent as they next change`),
        earlier: decision.earlier,
      };
  }
}

/**
 * The mapping that the state was delivered by, or of a first run that is not complete yet the last other one that it was begun
 * with; null: there was no other. Undefined: it is not on record.
 */
function changeSince(
  { mappingDigest, mappings, traits }: StatePointer,
  mapping: CompiledMapping,
): { before: StateMapping | undefined | null; what: string } {
  if (mappingDigest !== null) {
    const before = mappings.find(({ digest }) => digest === mappingDigest);
    return { before, what: `the mapping changed: ${describeTraits(traits ?? [], mapping.traits)}` };
  }
  const last = mappings.findLast(({ digest }) => digest !== mapping.digest);
  const what = 'the first full run is not complete yet: what is left of it is sent';
  if (last === undefined) return { before: null, what };
  return { before: last, what: `${what}; the mapping changed meanwhile` };
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
  return parts.length > 0
    ? parts.join('; ')
    : 'a constant, an id, a null, or how a value is written is another one';
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
