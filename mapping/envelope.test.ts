import { describe, expect, it } from '@jest/globals';
import { column } from '../test/support/columns.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { refuseUnknownExclusions, type SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';
import { fixedBytes, messageWriter, type WrittenMessage } from './message.ts';

const columns = [
  column('user_id'),
  column('email'),
  column('ip'),
  column('updated_at', 'timestamp'),
  column('day', 'date'),
  column('when'),
  column('n', 'integer'),
];
const row: Record<string, string | null> = {
  user_id: 'u1',
  email: 'a@b.c',
  ip: '10.0.0.1',
  updated_at: '2024-02-29 12:00:00.123456+00',
  day: '2024-02-29',
  when: '2024-02-29 12:00+02',
  n: '7',
};
const options = {
  timestamp: '2026-05-01T00:00:00.000Z',
  product: { name: 'backhaul', version: '1.2.3' },
  run: { id: 'run-1', sync: 'users', startedAt: '2026-05-01T00:00:01.000Z' },
};
const sync = (changes: Partial<SyncForMapping>): SyncForMapping => ({
  key: { from: 'user_id', to: 'userId' },
  properties: 'selected',
  normalization: 'match_source_names',
  mapping: [{ from: 'email', to: 'email' }],
  nulls: 'send',
  ...changes,
});
const write = (changes: Partial<SyncForMapping>, values = row): WrittenMessage => {
  const compiled = compileMapping(sync(changes), columns);
  return messageWriter(compiled, options)(
    compiled.columns.map(({ name }) => values[name] ?? null),
    { messageId: 'm' },
  );
};
function message(changes: Partial<SyncForMapping>, values = row): Record<string, unknown> {
  const written = write(changes, values);
  if ('invalid' in written) throw new Error(written.invalid);
  return JSON.parse(written.json) as Record<string, unknown>;
}
const own = {
  app: { name: 'backhaul', version: '1.2.3' },
  library: { name: 'backhaul', version: '1.2.3' },
};

describe('the timestamp of a message', () => {
  const of = (from: string, values = row): unknown => message({ timestamp: { from } }, values)['timestamp'];

  it('is that of a column, else that of the snapshot', () => {
    expect(of('updated_at')).toBe('2024-02-29T12:00:00.123456Z');
    expect(of('day')).toBe('2024-02-29T00:00:00Z');
    expect(of('when')).toBe('2024-02-29T10:00:00Z');
    expect(of('updated_at', { ...row, updated_at: null })).toBe(options.timestamp);
    expect(message({})['timestamp']).toBe(options.timestamp);
  });

  it('makes a row invalid that it cannot be', () => {
    const old = { ...row, updated_at: '1969-12-31 23:59:59+00', when: 'yesterday' };
    expect(write({ timestamp: { from: 'updated_at' } }, old)).toEqual({
      invalid: 'timestamp_too_early',
      column: 'updated_at',
    });
    expect(write({ timestamp: { from: 'when' } }, old)).toEqual({
      invalid: 'not_convertible',
      column: 'when',
    });
  });

  it('is no column of another kind, nor one that is not there', () => {
    expect(failureOf(() => write({ timestamp: { from: 'n' } }))).toEqual({
      code: 'type_not_convertible',
      where: 'timestamp: column "n" is integer, not datetime',
    });
    expect(failureOf(() => write({ timestamp: { from: 'update_at' } }))).toEqual({
      code: 'column_missing',
      where: 'timestamp: "update_at"; did you mean "updated_at"?',
    });
  });
});

describe('the context of a message', () => {
  it('is what is mapped, beside what Backhaul says of itself', () => {
    const context = [
      { from: 'ip', to: 'ip' },
      { template: '{{ email }}!', to: 'traits.note' },
      { run: 'id' as const, to: 'run' },
    ];
    expect(message({ context })['context']).toEqual({
      active: false,
      ...own,
      ip: '10.0.0.1',
      traits: { note: 'a@b.c!' },
      run: 'run-1',
    });
  });

  it('leaves nulls out, unless it is told otherwise', () => {
    const nothing = { ...row, ip: null };
    expect(message({ context: [{ from: 'ip', to: 'ip' }] }, nothing)['context']).toEqual({
      active: false,
      ...own,
    });
    expect(message({ context: [{ from: 'ip', to: 'ip', nulls: 'send' }] }, nothing)['context']).toEqual({
      active: false,
      ...own,
      ip: null,
    });
  });

  it('may say that the user was active', () => {
    expect(message({ context: [{ constant: true, to: 'active' }] })['context']).toEqual({
      active: true,
      ...own,
    });
  });

  it('makes a row invalid as a trait does', () => {
    const context = [{ from: 'ip', to: 'ip', type: 'integer' as const }];
    expect(write({ context })).toEqual({ invalid: 'not_convertible', column: 'ip' });
  });

  it('may not have one place twice', () => {
    const context = [
      { from: 'ip', to: 'a' },
      { from: 'email', to: 'a.b' },
    ];
    expect(failureOf(() => write({ context }))).toMatchObject({ code: 'trait_collision' });
  });
});

it('integrations are sent as they are written', () => {
  expect(message({})['integrations']).toEqual({});
  expect(message({ integrations: { All: true, Salesforce: true } })['integrations']).toEqual({
    All: true,
    Salesforce: true,
  });
});

describe('with properties: all, a column', () => {
  const traitsOf = (changes: Partial<SyncForMapping>): string[] =>
    compileMapping(sync({ properties: 'all', mapping: [], ...changes }), columns).traits.map(
      ({ name }) => name,
    );

  it('that goes elsewhere is no trait as well', () => {
    const elsewhere = { timestamp: { from: 'updated_at' }, context: [{ from: 'ip', to: 'ip' }] };
    expect(traitsOf(elsewhere)).toEqual(['day', 'email', 'n', 'when']);
  });

  it('that is excluded is not sent, nor read', () => {
    expect(traitsOf({ exclude: ['ip', 'n'] })).toEqual(['day', 'email', 'updated_at', 'when']);
    const read = compileMapping(sync({ properties: 'all', mapping: [], exclude: ['ip'] }), columns).columns;
    expect(read.map(({ name }) => name)).not.toContain('ip');
  });

  it('that is excluded may still be hashed', () => {
    const mapping = [{ hash: { from: 'email' }, to: 'email_sha256' }];
    expect(traitsOf({ exclude: ['email'], mapping })).toContain('email_sha256');
  });

  it('that is excluded and not there ends the run: the one that was meant would go out', () => {
    expect(failureOf(() => refuseUnknownExclusions({ exclude: ['ip', 'emial'] }, columns))).toEqual({
      code: 'column_missing',
      where: 'exclude: "emial"; did you mean "email"?',
    });
    expect(failureOf(() => refuseUnknownExclusions({}, columns))).toBeNull();
  });

  it('compiles the same from the columns that were read', () => {
    const changes = sync({ properties: 'all', exclude: ['ip'], timestamp: { from: 'updated_at' } });
    const compiled = compileMapping(changes, columns);
    expect(compileMapping(changes, compiled.columns)).toEqual(compiled);
  });
});

it('what a message has besides its values is counted', () => {
  const compiled = compileMapping(
    sync({
      context: [{ from: 'ip', to: 'device.ip', nulls: 'send' }],
      integrations: { All: false, Größe: true },
    }),
    columns,
  );
  const nulls = compiled.columns.map((_, place) => (place === 0 ? 'u' : null));
  const written = messageWriter(compiled, options)(nulls, { messageId: 'f'.repeat(64) });
  expect(fixedBytes(compiled)).toBeGreaterThanOrEqual('bytes' in written ? written.bytes : Infinity);
});
