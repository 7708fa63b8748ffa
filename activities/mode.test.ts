import { describe, expect, it } from '@jest/globals';
import type { Selection } from '../ledger/selections.ts';
import type { ChangePolicy, OnChange, SyncDefinition } from '../definitions/sync.ts';
import type { StateMapping, TraitSummary } from '../ledger/state-record.ts';
import type { StatePointer } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import { column } from '../test/support/columns.ts';
import type { Column } from '../vocabulary/columns.ts';
import { chooseMode, describeTraits } from './mode.ts';

const trait = (name: string, from: string | null = name, kind = 'text'): TraitSummary => ({
  name,
  from,
  kind,
});
const traits = [trait('email'), trait('plan')];
const MODEL = [column('user_id'), column('email'), column('plan')];
const sync = {
  key: { from: 'user_id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping: [],
  nulls: 'send',
} as unknown as SyncDefinition;
const byOf = (of: Partial<SyncDefinition> = {}, model: readonly Column[] = MODEL): StateMapping => {
  const { columns, digest } = compileMapping({ ...sync, ...of }, model);
  return { digest, columns, known: model.map(({ name }) => name) };
};
const by = byOf();
const state: StatePointer = {
  id: 'a-state',
  generation: 1,
  identity: { writeKeyDigest: 'w', object: 'user', keyColumn: 'user_id', keyTo: 'userId', keyKind: 'text' },
  blob: 'states/users/1.parquet',
  entries: 10,
  liveEntries: 10,
  mappingDigest: by.digest,
  traits,
  mappings: [by],
  runNumber: 1,
};

interface Case {
  full?: boolean;
  adopt?: { condition: string | null };
  state?: StatePointer | undefined;
  of?: Partial<SyncDefinition>;
  model?: readonly Column[];
}
const choose = (given: Case): ReturnType<typeof chooseMode> => {
  const { adopt = null, full = false, model = MODEL, of = {} } = given;
  const definition = { ...sync, ...of };
  const before = 'state' in given ? given.state : state;
  return chooseMode({ full, adopt }, definition, model, before, compileMapping(definition, model));
};
const EMPTY = { ...state, blob: null, mappingDigest: null, traits: null, mappings: [] };
const FIRST_RUN = 'first run: nothing was accepted by Segment yet';

describe('a run sends', () => {
  it.each<[string, Case, string, string]>([
    ['everything when it is the first', { state: undefined }, 'full', FIRST_RUN],
    ['everything when no run before it got anything accepted', { state: EMPTY }, 'full', FIRST_RUN],
    ['everything when it was asked to', { full: true }, 'full', 'asked for: every row is sent again'],
    ['what changed when the mapping is the same', {}, 'incremental', 'what changed since the last run'],
    [
      'the rest of a first run that was cut short',
      { state: { ...state, mappingDigest: null, traits: null } },
      'full',
      'the first full run is not complete yet: what is left of it is sent',
    ],
    [
      'everything when the mapping changed',
      { state: { ...state, traits: [trait('email'), trait('city')] }, of: { nulls: 'omit' } },
      'full',
      'the mapping changed: new: plan; no longer sent: city',
    ],
    [
      'nothing when it is to adopt',
      { adopt: { condition: null } },
      'adopt',
      'asked for: every row that the state does not know is recorded as delivered',
    ],
    [
      'nothing when it is to adopt what a condition holds for',
      { adopt: { condition: 'id' }, state: undefined },
      'adopt',
      'asked for: every row for which the condition holds that the state does not know is recorded as delivered',
    ],
    [
      'nothing at first when firstRun is adopt',
      { state: EMPTY, of: { firstRun: 'adopt' } },
      'adopt',
      'first run, and firstRun is adopt: every row is recorded as delivered',
    ],
    [
      'nothing when firstRun is adopt and only single rows were sent, or a first run was cut short',
      { state: { ...state, mappingDigest: null, traits: null }, of: { firstRun: 'adopt' } },
      'adopt',
      'first run, and firstRun is adopt: every row that the state does not know is recorded as delivered',
    ],
    [
      'everything at first when that is asked for, whatever firstRun says',
      { full: true, state: EMPTY, of: { firstRun: 'adopt' } },
      'full',
      FIRST_RUN,
    ],
    [
      'what changed, once firstRun is over',
      { of: { firstRun: 'adopt' } },
      'incremental',
      'what changed since the last run',
    ],
  ])('%s', (_, given, mode, modeReason) => {
    expect(choose(given)).toEqual({ mode, modeReason, earlier: [], approval: null });
  });
});

describe('onChange', () => {
  const onChange = (mapping: ChangePolicy | undefined, newColumn?: ChangePolicy): { onChange: OnChange } => ({
    onChange: { mapping, newColumn },
  });
  const OTHER = { normalization: 'upper_case' } as const;
  const WIDER = [...MODEL, column('city')];
  const policyOf = ({ approval, earlier, mode }: ReturnType<typeof chooseMode>): ChangePolicy =>
    approval !== null ? 'approve' : earlier.length > 0 || mode === 'incremental' ? 'going_forward' : 'resend';

  it.each<[string, Case, ChangePolicy]>([
    ['a mapping that changed is sent anew without a word of it', { of: OTHER }, 'resend'],
    ['a new column too', { model: WIDER }, 'resend'],
    [
      'mapping decides what a changed mapping does',
      { of: { ...OTHER, ...onChange('going_forward', 'resend') } },
      'going_forward',
    ],
    ['mapping can ask for an approval', { of: { ...OTHER, ...onChange('approve') } }, 'approve'],
    [
      'newColumn decides of a column that the model has got',
      { of: onChange('approve', 'going_forward'), model: WIDER },
      'going_forward',
    ],
    ['mapping says nothing of one', { of: onChange('approve'), model: WIDER }, 'resend'],
    [
      'of both at once the stricter holds: mapping',
      { of: { ...OTHER, ...onChange('approve', 'going_forward') }, model: WIDER },
      'approve',
    ],
    [
      'of both at once the stricter holds: newColumn',
      { of: { ...OTHER, ...onChange('resend', 'going_forward') }, model: WIDER },
      'going_forward',
    ],
    [
      '--full sends all, whatever it says',
      { full: true, of: { ...OTHER, ...onChange('approve', 'approve') } },
      'resend',
    ],
  ])('%s', (_, given, expected) => {
    expect(policyOf(choose(given))).toBe(expected);
  });

  it('going forward says so, and compares with the mapping that was delivered', () => {
    expect(choose({ of: { ...OTHER, ...onChange('going_forward') } })).toEqual({
      mode: 'incremental',
      modeReason:
        'the mapping changed: new: EMAIL, PLAN; no longer sent: email, plan; going_forward: rows are sent as they next change',
      earlier: [by],
      approval: null,
    });
  });

  it('going forward compares with what interrupted runs left too, as far as its columns are there', () => {
    const left = byOf({ normalization: 'camel_case', nulls: 'omit' });
    const lost = byOf({}, [...MODEL, column('age')]);
    const { earlier } = choose({
      state: { ...state, mappings: [by, left, lost] },
      of: { ...OTHER, ...onChange('going_forward') },
    });
    expect(earlier).toEqual([by, left]);
  });

  it.each<[string, Case, string]>([
    [
      'a column is gone',
      { of: onChange('going_forward'), model: MODEL.slice(0, 2) },
      'the mapping changed: no longer sent: plan; going_forward cannot tell which rows changed: column "plan" is gone',
    ],
    [
      'a column is of another kind',
      { of: onChange('going_forward'), model: [...MODEL.slice(0, 2), column('plan', 'integer')] },
      'the mapping changed: from elsewhere: plan; going_forward cannot tell which rows changed: column "plan" was text, is integer',
    ],
    [
      'the columns are not on record',
      { of: { ...OTHER, ...onChange('going_forward') }, state: { ...state, traits: [], mappings: [] } },
      'the mapping changed: new: EMAIL, PLAN; going_forward cannot tell which rows changed: its columns are not on record',
    ],
  ])('going forward asks before it sends all where %s', (_, given, text) => {
    expect(choose(given)).toEqual({ mode: 'full', modeReason: text, earlier: [], approval: text });
  });

  it('a first run that was cut short goes forward from the mapping that it was begun with, run after run', () => {
    const begun = { ...state, mappingDigest: null, traits: null };
    const forward = { ...OTHER, ...onChange('going_forward') };
    const now = byOf(OTHER);
    for (const mappings of [[by], [by, now]]) {
      expect(choose({ state: { ...begun, mappings }, of: forward }).earlier).toEqual([by]);
    }
  });

  it.each<[string, Selection, string]>([
    [
      'one row, whatever the state and the mapping say',
      { kind: 'keys', keys: ['planted'], resend: true },
      'asked for: one row is sent, changed or not, and no other',
    ],
    [
      'what Segment rejected in an earlier run',
      { kind: 'of_run', run: 'r', outcome: 'rejected', resend: false },
      'asked for: only what Segment rejected in run r, with the values of now',
    ],
    [
      'what was invalid in an earlier run',
      { kind: 'of_run', run: 'r', outcome: 'invalid', resend: false },
      'asked for: only what was invalid in run r, with the values of now',
    ],
  ])('%s', (_, selection, modeReason) => {
    for (const before of [undefined, state]) {
      const mapping = compileMapping(sync, MODEL);
      expect(chooseMode({ full: false, selection }, sync, MODEL, before, mapping)).toEqual({
        mode: 'restricted',
        modeReason,
        earlier: [],
        approval: null,
      });
    }
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
