import { describe, expect, it } from '@jest/globals';
import type { ObjectName } from '../definitions/objects.ts';
import { column } from '../test/support/columns.ts';
import type { ColumnKind } from '../vocabulary/columns.ts';
import { chooseTraits, type SyncForMapping } from './choose-traits.ts';
import { reservedTraitWarnings } from './reserved-traits.ts';

const warningsOf = (
  mapping: SyncForMapping['mapping'],
  kind: ColumnKind = 'text',
  object: ObjectName = 'user',
): string[] => {
  const key = { from: 'user_id', to: 'userId' } as const;
  const sync = { key, properties: 'selected', normalization: 'match_source_names', nulls: 'send' } as const;
  const sources = chooseTraits({ ...sync, mapping }, [column('user_id'), column('c', kind)]);
  return reservedTraitWarnings({ object, sources });
};

describe("a trait that is reserved by Segment's spec", () => {
  it.each<[string, ColumnKind]>([
    ['email', 'text'],
    ['phone', 'text'],
    ['age', 'integer'],
    ['age', 'decimal'],
    ['createdAt', 'timestamp'],
    ['created_at', 'date'],
    ['birthday', 'text'],
    ['address', 'json'],
    ['name', 'json'],
    ['plan', 'boolean'],
    ['Email', 'integer'],
  ])('%s of a %s column is not warned of', (to, kind) => {
    expect(warningsOf([{ from: 'c', to }], kind)).toEqual([]);
  });

  it.each<[string, ColumnKind, string]>([
    ['id', 'integer', 'is sent as a number, and Segment reserves it for a text; map it with type: string'],
    ['phone', 'integer', 'is sent as a number, and Segment reserves it for a text; map it with type: string'],
    [
      'first_name',
      'boolean',
      'is sent as a boolean, and Segment reserves it for a text; map it with type: string',
    ],
    ['age', 'text', 'is sent as a string, and Segment reserves it for a number; map it with type: number'],
    [
      'createdAt',
      'integer',
      'is sent as a number, and Segment reserves it for a date in ISO 8601; convert it in the model',
    ],
    [
      'address',
      'text',
      'is sent as a string, and Segment reserves it for an object; map its members, as address.city',
    ],
  ])('%s of a %s column is: %s', (to, kind, warning) => {
    expect(warningsOf([{ from: 'c', to }], kind)).toEqual([`the trait "${to}" ${warning}`]);
  });

  it('goes by the type that is sent, not by the column', () => {
    expect(warningsOf([{ from: 'c', to: 'id', type: 'string' }], 'integer')).toEqual([]);
    expect(warningsOf([{ template: '{{ c }}', to: 'age' }])).toHaveLength(1);
    expect(warningsOf([{ template: '{{ c }}', to: 'age', type: 'integer' }])).toEqual([]);
    expect(warningsOf([{ constant: 7, to: 'title' }])).toHaveLength(1);
    expect(warningsOf([{ from: 'c', to: 'address.city' }])).toEqual([]);
    expect(warningsOf([{ from: 'c', to: 'email.work' }])).toEqual([
      'the trait "email.work" is sent as an object, and Segment reserves it for a text; map it with type: string',
    ]);
  });

  it('that is sent under both of its names is warned of', () => {
    expect(warningsOf(['firstName', 'first_name'].map((to) => ({ from: 'c', to })))).toEqual([
      'the traits "firstName" and "first_name" are one to some destinations of Segment; send one of them',
    ]);
  });
});

describe('what is reserved', () => {
  it.each<[ObjectName, string, ColumnKind, string[]]>([
    ['group', 'age', 'text', []],
    [
      'group',
      'employees',
      'integer',
      [
        'the trait "employees" is sent as a number, and Segment reserves it for a text; map it with type: string',
      ],
    ],
    ['event', 'email', 'integer', []],
    [
      'event',
      'revenue',
      'text',
      [
        'the property "revenue" is sent as a string, and Segment reserves it for a number; map it with type: number',
      ],
    ],
  ])('of a %s as %s of a %s column', (object, to, kind, expected) => {
    expect(warningsOf([{ from: 'c', to }], kind, object)).toEqual(expected);
  });
});
