/**
 * What a sync can make of its rows at Segment: the objects, and how a sync behaves towards them. The page of supported
 * objects is generated from these tables.
 *
 * @module
 */

export const idFields = ['userId', 'anonymousId'] as const;
/** The names under which a message says whose it is. */
export type IdField = (typeof idFields)[number];

export const behaviorNames = ['update_or_create', 'mirror', 'append'] as const;
export type BehaviorName = (typeof behaviorNames)[number];

export const objectNames = ['user', 'group', 'event'] as const;
export type ObjectName = (typeof objectNames)[number];

export const keyTargets = ['userId', 'anonymousId', 'groupId', 'messageId'] as const;
export type KeyTarget = (typeof keyTargets)[number];

export interface ObjectEntry {
  /** The call of Segment's spec that a row becomes. */
  call: 'identify' | 'group' | 'track';
  /** What a row is. */
  row: string;
  /** What `key.to` may be. */
  keys: readonly [KeyTarget, ...KeyTarget[]];
  /** The first is what it is without a word. */
  behaviors: readonly [BehaviorName, ...BehaviorName[]];
  /** What `identifiers` has to name. */
  identifiers: 'may name the other id' | 'names userId, anonymousId, or both';
  /** Where the mapped values go. */
  values: 'traits' | 'properties';
  /** More of them Segment may drop: https://segment.com/docs/unify/product-limits/ */
  maxValues: number;
  /** More than Census's Segment page promises. */
  beyondDocument: boolean;
}

export const objects: Readonly<Record<ObjectName, ObjectEntry>> = {
  user: {
    call: 'identify',
    row: 'a user, by its userId or its anonymousId',
    keys: ['userId', 'anonymousId'],
    behaviors: ['update_or_create', 'mirror'],
    identifiers: 'may name the other id',
    values: 'traits',
    maxValues: 299,
    beyondDocument: false,
  },
  group: {
    call: 'group',
    row: 'a group with one of its users; group and user together are the key',
    keys: ['groupId'],
    behaviors: ['update_or_create'],
    identifiers: 'names userId, anonymousId, or both',
    values: 'traits',
    maxValues: 300,
    beyondDocument: true,
  },
  event: {
    call: 'track',
    row: 'something that a user did, once; the key makes the messageId',
    keys: ['messageId'],
    behaviors: ['append'],
    identifiers: 'names userId, anonymousId, or both',
    values: 'properties',
    maxValues: 300,
    beyondDocument: true,
  },
};

export interface BehaviorEntry {
  meaning: string;
  beyondDocument: boolean;
}

export const behaviors: Readonly<Record<BehaviorName, BehaviorEntry>> = {
  update_or_create: {
    meaning: 'rows that are new or changed are sent; a removed row is counted, and nothing is sent for it',
    beyondDocument: false,
  },
  mirror: {
    meaning:
      'as update_or_create; and a removed row gets given traits, or null for every trait of the mapping',
    beyondDocument: true,
  },
  append: {
    meaning: 'each row is sent once: a row that was accepted is never sent again, whatever becomes of it',
    beyondDocument: true,
  },
};
