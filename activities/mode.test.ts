import { describe, expect, it } from '@jest/globals';
import type { TraitSummary } from '../ledger/state-record.ts';
import type { StatePointer } from '../ledger/states.ts';
import { chooseMode, describeTraits } from './mode.ts';

const trait = (name: string, from: string | null = name, kind = 'text'): TraitSummary => ({
  name,
  from,
  kind,
});
const traits = [trait('email'), trait('plan')];
const state: StatePointer = {
  id: 'a-state',
  generation: 1,
  identity: { writeKeyDigest: 'w', object: 'user', keyColumn: 'user_id', keyTo: 'userId', keyKind: 'text' },
  blob: 'states/users/1.parquet',
  entries: 10,
  liveEntries: 10,
  mappingDigest: 'same',
  traits,
  runNumber: 1,
};

describe('a run sends', () => {
  it.each<[string, boolean, StatePointer | undefined, string, ReturnType<typeof chooseMode>]>([
    [
      'everything when it is the first',
      false,
      undefined,
      'same',
      { mode: 'full', modeReason: 'first run: nothing was accepted by Segment yet' },
    ],
    [
      'everything when no run before it got anything accepted',
      false,
      { ...state, blob: null, mappingDigest: null },
      'same',
      { mode: 'full', modeReason: 'first run: nothing was accepted by Segment yet' },
    ],
    [
      'everything when it was asked to',
      true,
      state,
      'same',
      { mode: 'full', modeReason: 'asked for: every row is sent again' },
    ],
    [
      'what changed when the mapping is the same',
      false,
      state,
      'same',
      { mode: 'incremental', modeReason: 'what changed since the last run' },
    ],
    [
      'the rest of a first run that was cut short',
      false,
      { ...state, mappingDigest: null, traits: null },
      'same',
      { mode: 'full', modeReason: 'the first full run is not complete yet: what is left of it is sent' },
    ],
    [
      'everything when the mapping changed',
      false,
      { ...state, traits: [trait('email'), trait('city')] },
      'other',
      { mode: 'full', modeReason: 'the mapping changed: new: plan; no longer sent: city' },
    ],
  ])('%s', (_, full, before, digest, expected) => {
    expect(chooseMode({ full }, before, { digest, traits })).toEqual(expected);
  });
});

describe('what changed in a mapping is named', () => {
  it.each<[string, TraitSummary[], string]>([
    ['a new trait', [...traits, trait('city')], 'new: city'],
    ['a trait that is gone', [trait('email')], 'no longer sent: plan'],
    ['another column', [trait('email'), trait('plan', 'tier')], 'from elsewhere: plan'],
    ['another kind of value', [trait('email'), trait('plan', 'plan', 'integer')], 'from elsewhere: plan'],
    [
      'a constant in place of a column',
      [trait('email'), trait('plan', null, 'constant')],
      'from elsewhere: plan',
    ],
    [
      'all of it, in alphabetical order',
      [trait('email', 'mail'), trait('b'), trait('a')],
      'new: a, b; no longer sent: plan; from elsewhere: email',
    ],
    [
      'nothing that has a name',
      traits,
      'a constant, an id, a null, or how a value is written is another one',
    ],
  ])('%s', (_, after, text) => {
    expect(describeTraits(traits, after)).toBe(text);
  });

  it('by ten names at most', () => {
    const many = Array.from({ length: 250 }, (_, position) => trait(`t${String(position).padStart(3, '0')}`));
    expect(describeTraits([], many)).toBe(
      'new: t000, t001, t002, t003, t004, t005, t006, t007, t008, t009 and 240 more',
    );
  });
});
