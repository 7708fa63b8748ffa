import type { StatePointer } from '../ledger/states.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { RunFacts } from '../mapping/members.ts';
import type { ColumnFacts } from '../snapshot/column-facts.ts';
import type { MappingChanges, Recap } from '../vocabulary/recap.ts';
import { traitChanges } from './mode.ts';
import type { PagesRecap } from './recap-pages.ts';
import { recapTraits } from './recap-traits.ts';

/** Rows of a snapshot that the samples of its traits are taken from. */
export const SAMPLE_ROWS = 50;

/** What is known of a plan once all of it is mapped. */
export interface Recapped extends Pick<
  Recap,
  'mode' | 'modeReason' | 'rows' | 'invalid' | 'error' | 'warnings'
> {
  run: RunFacts;
  mapping: CompiledMapping;
  state: StatePointer | undefined;
  facts: ColumnFacts;
  pages: PagesRecap;
  eventsPerSecond: number;
  reasons: string[];
}

/** The recap of a plan: pure. Warnings that stand beside their trait are not said again. */
export function recapDocument(recapped: Recapped): Recap {
  const { error, eventsPerSecond, facts, invalid, mapping, mode, modeReason, pages, rows, run } = recapped;
  const traits = recapTraits(mapping, facts, run);
  const ofTraits = new Set(traits.flatMap(({ warnings }) => warnings));
  const messages = pages.messages();
  return {
    sync: run.sync,
    mode,
    modeReason,
    rows,
    invalid,
    traits,
    changes: changesOf(mapping, recapped.state),
    samples: pages.samples(),
    cost: {
      messages,
      requests: pages.requests(),
      bytes: pages.bytes(),
      eventsPerSecond,
      seconds: Math.ceil(messages / eventsPerSecond),
      billableCalls: messages,
    },
    approval: { reasons: recapped.reasons },
    error,
    warnings: recapped.warnings.filter((warning) => !ofTraits.has(warning)),
  };
}

function changesOf({ traits: now }: CompiledMapping, state: StatePointer | undefined): MappingChanges {
  const before = state?.traits ?? now;
  const { added, gone, moved } = traitChanges(before, now);
  return {
    newColumns: missingIn(columnsOf(now), columnsOf(before)),
    goneColumns: missingIn(columnsOf(before), columnsOf(now)),
    newTraits: added,
    goneTraits: gone,
    movedTraits: moved,
  };
}

const columnsOf = (traits: CompiledMapping['traits']): Set<string> =>
  new Set(traits.flatMap(({ from }) => (from === null ? [] : [from])));

const missingIn = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((name) => !others.has(name)).sort();
