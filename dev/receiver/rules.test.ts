import { describe, expect, it } from '@jest/globals';
import { identify, ok, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';
import { dropReasons, type DropReason } from './reasons.ts';

const receiving = receiversForTests();

const fieldsOf = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, position) => [`f${position}`, position]));
const track = (fields: object): object => identify({ type: 'track', event: 'Bought', ...fields });
const group = (fields: object): object => identify({ type: 'group', groupId: 'g', ...fields });
const page = (fields: object): object => identify({ type: 'page', name: 'Home', ...fields });

const dropped: [DropReason, string, unknown][] = [
  ['event_not_object', 'a string', 'identify'],
  ['event_not_object', 'null', null],
  ['event_not_object', 'an array', []],
  ['missing_type', 'no type', identify({ type: undefined })],
  ['missing_type', 'a type of null', identify({ type: null })],
  ['invalid_type', 'an unknown type', identify({ type: 'delete' })],
  ['invalid_type', 'a type of another case', identify({ type: 'Identify' })],
  ['invalid_type', 'a type that every object has', identify({ type: 'constructor' })],
  ['no_user_anon_id', 'no id', identify({ userId: undefined })],
  ['no_user_anon_id', 'ids of null', identify({ userId: null, anonymousId: null })],
  ['id_not_string', 'a number as userId', identify({ userId: 7 })],
  ['id_not_string', 'an empty userId', identify({ userId: '' })],
  ['id_not_string', 'an empty userId beside an anonymousId', identify({ userId: '', anonymousId: 'a' })],
  ['id_not_string', 'a number as anonymousId', identify({ userId: undefined, anonymousId: 7 })],
  ['message_id_not_string', 'a number as messageId', identify({ messageId: 7 })],
  ['message_id_too_long', 'a messageId of 101 characters', identify({ messageId: 'm'.repeat(101) })],
  ['traits_not_object', 'an array as traits', identify({ traits: [] })],
  ['traits_not_object', 'null as traits', identify({ traits: null })],
  ['traits_not_object', "a string as a group's traits", group({ traits: 'pro' })],
  ['too_many_traits', '300 traits', identify({ traits: fieldsOf(300) })],
  ['too_many_traits', '301 traits of a group', group({ traits: fieldsOf(301) })],
  ['event_not_defined', 'a track without event', track({ event: undefined })],
  ['event_not_defined', 'a track with an empty event', track({ event: '' })],
  ['event_not_string', 'a track with a number as event', track({ event: 7 })],
  ['properties_not_object', 'a string as properties', track({ properties: 'pro' })],
  ['too_many_properties', '301 properties', track({ properties: fieldsOf(301) })],
  ['id_required', 'a group without groupId', group({ groupId: undefined })],
  ['id_required', 'a group with an empty groupId', group({ groupId: '' })],
  ['id_not_string', 'a group with a number as groupId', group({ groupId: 7 })],
  ['group_id_too_long', 'a groupId of 501 characters', group({ groupId: 'g'.repeat(501) })],
  ['id_required', 'an alias without previousId', identify({ type: 'alias' })],
  ['id_not_string', 'an alias with a number as previousId', identify({ type: 'alias', previousId: 7 })],
  ['name_not_string', 'a page with a number as name', page({ name: 7 })],
  ['name_not_string', 'a screen with an empty name', page({ type: 'screen', name: '' })],
  ['category_not_string', 'a page with an empty category', page({ category: '' })],
  ['properties_not_object', 'a page with null as properties', page({ properties: null })],
];

describe('the receiver', () => {
  it.each(dropped)('answers 200 and drops as %s: %s', async (reason, _, event) => {
    const receiver = await receiving();
    const kept = identify();
    expect(await sendBatch(receiver, [event, kept])).toMatchObject(ok);
    expect(receiver.events()).toEqual([kept]);
    expect(receiver.counts()).toMatchObject({ received: 2, accepted: 1, dropped: { [reason]: 1 } });
    expect(receiver.requests()).toMatchObject([{ events: 2, accepted: 1, dropped: { [reason]: 1 } }]);
  });

  it('has every reason above, but those of whole requests', () => {
    const ofRequests = ['project_not_found', 'empty_batch', 'too_many_events'];
    const shown = new Set(dropped.map(([reason]) => reason));
    expect(new Set([...shown, ...ofRequests])).toEqual(new Set(Object.keys(dropReasons)));
  });

  it.each([
    ['a messageId of 100 characters', identify({ messageId: 'm'.repeat(100) })],
    ['299 traits', identify({ traits: fieldsOf(299) })],
    ['no traits', identify({ traits: undefined })],
    ['an anonymousId alone', identify({ userId: undefined, anonymousId: 'a' })],
    ['an anonymousId beside a userId of null', identify({ userId: null, anonymousId: 'a' })],
    ['300 traits of a group', group({ traits: fieldsOf(300) })],
    ['300 properties', track({ properties: fieldsOf(300) })],
    ['a groupId of 500 characters', group({ groupId: 'g'.repeat(500) })],
    ['a page without a name', page({ name: null })],
  ])('takes %s', async (_, event) => {
    const receiver = await receiving();
    await sendBatch(receiver, [event]);
    expect(receiver.counts()).toMatchObject({ accepted: 1, dropped: {} });
  });
});
