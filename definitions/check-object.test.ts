import { describe, expect, it } from '@jest/globals';
import { formatFault } from './fault.ts';
import { parseDefinitions } from './parse.ts';
import { renderDefinitions } from './render.ts';

const of = (fields: string) =>
  parseDefinitions([
    {
      path: 'backhaul.yaml',
      text: [
        'connections:',
        '  warehouse: { type: postgres, url: "${WAREHOUSE_URL}" }',
        '  segment: { type: segment, writeKey: "${SEGMENT_WRITE_KEY}" }',
        'models: { rows: { connection: warehouse, sql: select 1 } }',
        'syncs:',
        '  things:',
        '    model: rows',
        '    destination: segment',
        ...fields.split('\n').map((line) => `    ${line}`),
        '',
      ].join('\n'),
    },
  ]);
const faultsOf = (fields: string): string[] =>
  of(fields).faults.map((fault) => formatFault(fault).replace('backhaul.yaml:', ''));

const group =
  'key: { from: org_id, to: groupId }\nobject: group\nidentifiers: { userId: { from: owner_id } }\n';
const event =
  'key: { from: event_id, to: messageId }\nobject: event\nidentifiers: { userId: { from: user_id } }\nevent: { from: name }\n';
const user = 'key: { from: id, to: userId }\nproperties: all\n';

describe('an object', () => {
  it.each([
    ['a group', group, { object: 'group', behavior: 'update_or_create' }],
    ['an event', event, { object: 'event', behavior: 'append', event: { from: 'name' } }],
    ['an event that says how it behaves', `${event}behavior: append`, { behavior: 'append' }],
    [
      'an event of one name',
      event.replace('from: name', 'constant: Order Completed'),
      { event: { constant: 'Order Completed' } },
    ],
    [
      'a user of both ids',
      `${user}identifiers: { anonymousId: { from: anon_id } }`,
      { identifiers: { anonymousId: { from: 'anon_id' } }, behavior: 'update_or_create' },
    ],
    ['a mirror', `${user}behavior: mirror`, { behavior: 'mirror' }],
    ['a mirror of nulls', `${user}behavior: mirror\nremoved: null_traits`, { removed: 'null_traits' }],
    [
      'a mirror that sets traits',
      `${user}behavior: mirror\nremoved: { set: [{ constant: true, to: churned }, { run: startedAt, to: at.time }] }`,
      {
        removed: {
          set: [
            { constant: true, to: 'churned' },
            { run: 'startedAt', to: 'at.time' },
          ],
        },
      },
    ],
  ])('is taken: %s, and written back as the same', (_, fields, expected) => {
    const { definitions, faults, warnings } = of(fields);
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(definitions.syncs.things).toMatchObject(expected);
    const again = parseDefinitions([{ path: 'again.yaml', text: renderDefinitions(definitions) }]);
    expect(again.definitions).toEqual(definitions);
  });

  const faults: [what: string, fields: string, expected: string[]][] = [
    [
      'a key of another object',
      group.replace('groupId', 'userId'),
      ['9:30: the key of a group goes to groupId, not to userId. Write to: groupId.'],
    ],
    [
      'a behavior of another object',
      `${group}behavior: append`,
      ['12:15: behavior "append" is for an event, not for a group. Write update_or_create, or leave it out.'],
    ],
    [
      'append of a user',
      `${user}behavior: append`,
      [
        '11:15: behavior "append" is for an event, not for a user. Write update_or_create or mirror, or leave it out.',
      ],
    ],
    [
      'an event that is updated',
      `${event}behavior: update_or_create`,
      [
        '13:15: behavior "update_or_create" is for a user or a group, not for an event. Write append, or leave it out.',
      ],
    ],
    [
      'a group of nobody',
      'key: { from: org_id, to: groupId }\nobject: group',
      [
        '6:3: "identifiers" is missing in the sync "things": Segment takes no group without a user. Add identifiers: { userId: { from: column } }, or anonymousId, or both.',
      ],
    ],
    [
      'no id',
      group.replace('{ userId: { from: owner_id } }', '{}'),
      [
        '11:18: "identifiers" names no id. Write { userId: { from: column } }, { anonymousId: { from: column } }, or both.',
      ],
    ],
    [
      'the key as the other id',
      `${user}identifiers: { userId: { from: other } }`,
      ['11:20: the key is the userId already. Leave it out.'],
    ],
    [
      'one column for two ids',
      `${user}identifiers: { anonymousId: { from: id } }`,
      ['11:41: the column "id" is the key already. Name another column, or leave it out.'],
    ],
    [
      'an event without a name',
      event.replace('event: { from: name }\n', ''),
      [
        '6:3: "event" is missing in the sync "things". Add event: { from: column } or event: { constant: Order Completed }.',
      ],
    ],
    [
      'an event of two names',
      event.replace('{ from: name }', '{ from: name, constant: Seen }'),
      ['12:26: "constant" is given beside "from". Write { from: column } or { constant: Order Completed }.'],
    ],
    [
      'an event of an empty name',
      event.replace('from: name', 'constant: " "'),
      ['12:24: "constant" is empty. Write the name of an event.'],
    ],
    [
      'the name of an event of a user',
      `${user}event: { from: name }`,
      ['11:5: "event" is for object: event only, and this is a user. Leave it out, or write object: event.'],
    ],
    [
      'what a removed row does where nothing is mirrored',
      `${user}removed: null_traits`,
      ['11:5: "removed" is for behavior: mirror only. Write behavior: mirror, or leave it out.'],
    ],
    [
      'a removed row that has a column',
      `${user}behavior: mirror\nremoved: { set: [{ from: plan, to: plan }] }`,
      [
        '12:24: "from" needs a row, and a removed row has none. Write { constant: value, to: trait } or { run: startedAt, to: trait }.',
      ],
    ],
    [
      'a removed row that sets nothing',
      `${user}behavior: mirror\nremoved: { set: [] }`,
      ['12:21: "set" is out of range. Write a list such as - { constant: true, to: churned }.'],
    ],
    [
      'an unknown word for a removed row',
      `${user}behavior: mirror\nremoved: delete`,
      [
        '12:14: "removed" has a value that is not known: "delete". Write nothing, null_traits, or { set: [{ constant: true, to: churned }] }.',
      ],
    ],
  ];
  it.each(faults)('has a fault at its place: %s', (_, fields, expected) => {
    expect(faultsOf(fields)).toEqual(expected);
  });
});
