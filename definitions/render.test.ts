import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diffDefinitions, digestDefinition } from './difference.ts';
import { formatFault } from './fault.ts';
import { parseDefinitions } from './parse.ts';
import { runFields, valueTypes } from './mapping-entry.ts';
import { renderDefinitions } from './render.ts';
import type { Definitions } from './schema.ts';
import { normalizations } from './sync.ts';
import { parseTraitPath } from './trait-path.ts';

const parse = (text: string): Definitions => {
  const { definitions, faults } = parseDefinitions([{ path: 'backhaul.yaml', text }]);
  expect(faults.map(formatFault)).toEqual([]);
  return definitions;
};

const base = `version: 1
connections:
  segment:
    type: segment
    writeKey: \${SEGMENT_WRITE_KEY}
  warehouse:
    type: postgres
    url: \${WAREHOUSE_URL}
models:
  people:
    connection: warehouse
    table: people
syncs:
  users:
    model: people
    destination: segment
    key:
      from: id
      to: userId
    properties: all
`;

describe('definitions that are exported', () => {
  it('are as short as they can be written', () => {
    expect(renderDefinitions(parse(base))).toBe(base);
  });

  it('are read back as the same, whatever the sync says', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((any) => /\S/.test(any) && !any.includes('${'));
    const to = text.filter((any) => parseTraitPath(any)?.length === 1);
    const entry = fc.oneof(
      fc.record({ from: text, to }),
      fc.record({ constant: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), to }),
      fc.record({ from: text, to, nulls: fc.constantFrom('send' as const, 'omit' as const) }),
      fc.record({
        from: text,
        to,
        type: fc.constantFrom(...valueTypes),
        onError: fc.constant('omit' as const),
      }),
      fc.record({ hash: fc.record({ from: text }), to }),
      fc.record({ run: fc.constantFrom(...runFields), to }),
    );
    const context = to.filter((name) => !/^(?:app|library)$/.test(name));
    const sync = fc.record({
      timestamp: fc.record({ from: text }),
      context: fc.array(fc.record({ from: text, to: context }), { maxLength: 1 }),
      integrations: fc.dictionary(
        text.filter((name) => name.toLowerCase() !== 'all'),
        fc.boolean(),
        { maxKeys: 2 },
      ),
      key: fc.record({ from: text, to: fc.constantFrom('userId' as const, 'anonymousId' as const) }),
      properties: fc.constantFrom('all' as const, 'selected' as const),
      normalization: fc.constantFrom(...normalizations),
      mapping: fc.uniqueArray(entry, { selector: ({ to }) => to, maxLength: 4 }),
      nulls: fc.constantFrom('send' as const, 'omit' as const),
      paused: fc.constant(false),
      lanes: fc.integer({ min: 1, max: 64 }),
    });
    const sound = parse(base);
    fc.assert(
      fc.property(sync, text, (fields, sql) => {
        const users = { ...sound.syncs['users'], ...fields } as Definitions['syncs'][string];
        const definitions: Definitions = {
          ...sound,
          models: { people: { connection: 'warehouse', sql } },
          syncs: { users },
        };
        const back = parse(renderDefinitions(definitions));
        expect(diffDefinitions(definitions, back).filter(({ change }) => change !== 'unchanged')).toEqual([]);
        expect(back.syncs['users']).toEqual(users);
      }),
    );
  });

  it('hold no secret: each becomes a variable of its own', () => {
    const secrets = parse(
      base
        .replace('${SEGMENT_WRITE_KEY}', 'planted-key')
        .replace('${WAREHOUSE_URL}', 'postgres://me:planted-password@host/db'),
    );
    const other = {
      ...secrets.connections,
      'ware.house': secrets.connections['warehouse'],
    } as Definitions['connections'];
    const text = renderDefinitions({
      ...secrets,
      connections: { ...other, ware_house: other['warehouse'] } as typeof other,
    });
    expect(text).not.toContain('planted');
    const variables = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(variables).toEqual(['SEGMENT_WRITE_KEY', 'WARE_HOUSE_URL', 'WARE_HOUSE_URL_2', 'WAREHOUSE_URL']);
  });
});

describe('two versions of definitions', () => {
  it('differ by the fields that are named, never by their values', () => {
    const before = parse(base.replace('${SEGMENT_WRITE_KEY}', 'planted-key'));
    const after = parse(
      base
        .replace('${SEGMENT_WRITE_KEY}', 'planted-other')
        .replace('properties: all', 'lanes: 8\n    properties: all'),
    );
    const changes = diffDefinitions(before, after);
    expect(
      changes.map(({ kind, name, change, fields }) => `${kind} ${name} ${change} ${fields.join(' ')}`),
    ).toEqual([
      'connection segment changed writeKey',
      'connection warehouse unchanged ',
      'model people unchanged ',
      'sync users changed lanes',
    ]);
    expect(JSON.stringify(changes)).not.toContain('planted');
  });

  it('say what was added and removed', () => {
    const before = parse(base);
    const after = parse(base.replace('  users:\n', '  others:\n'));
    expect(
      diffDefinitions(before, after)
        .filter(({ kind }) => kind === 'sync')
        .map(({ name, change }) => [name, change]),
    ).toEqual([
      ['others', 'added'],
      ['users', 'removed'],
    ]);
  });

  it('are the same, and have the same digest, however their fields are ordered', () => {
    const one = parse(base);
    const other = parse(base.replace(/( {4}model: people\n)( {4}destination: segment\n)/, '$2$1'));
    expect(diffDefinitions(one, other).every(({ change }) => change === 'unchanged')).toBe(true);
    expect(digestDefinition(other)).toBe(digestDefinition(one));
    expect(digestDefinition(parse(base.replace('table: people', 'table: others')))).not.toBe(
      digestDefinition(one),
    );
  });
});
