import {
  MAX_GROUP_ID_CHARACTERS,
  MAX_MESSAGE_ID_CHARACTERS,
  MAX_PROPERTIES,
  REJECTED_IDENTIFY_TRAITS,
} from './limits.ts';

export const eventTypes = ['identify', 'track', 'group', 'page', 'screen', 'alias'] as const;
export type EventType = (typeof eventTypes)[number];

/** Of the whole request. */
export const requestDropReasons = ['project_not_found', 'empty_batch', 'too_many_events'] as const;
/** Codes of Segment's Delivery Overview where it has one; those that follow `id_required` have none there. */
export const eventDropReasons = [
  'missing_type',
  'invalid_type',
  'no_user_anon_id',
  'id_not_string',
  'event_not_defined',
  'event_not_string',
  'traits_not_object',
  'properties_not_object',
  'name_not_string',
  'category_not_string',
  'id_required',
  'event_not_object',
  'message_id_not_string',
  'message_id_too_long',
  'group_id_too_long',
  'too_many_traits',
  'too_many_properties',
] as const;
export type EventDropReason = (typeof eventDropReasons)[number];
export type DropReason = EventDropReason | (typeof requestDropReasons)[number];

type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why Segment would take this event with a 200 and drop it all the same; null when it is kept. */
export function violation(event: unknown): EventDropReason | null {
  if (!isObject(event)) return 'event_not_object';
  const { type } = event;
  if (isAbsent(type)) return 'missing_type';
  if (!isEventType(type)) return 'invalid_type';
  return idViolation(event) ?? messageIdViolation(event.messageId) ?? typeRules[type](event);
}

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;
const isEventType = (type: unknown): type is EventType => (eventTypes as readonly unknown[]).includes(type);
/** As Segment says it: "an empty string or not a string". */
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function idViolation({ userId, anonymousId }: Fields): EventDropReason | null {
  if (isAbsent(userId) && isAbsent(anonymousId)) return 'no_user_anon_id';
  return [userId, anonymousId].every((id) => isAbsent(id) || isText(id)) ? null : 'id_not_string';
}

function messageIdViolation(messageId: unknown): EventDropReason | null {
  if (isAbsent(messageId)) return null;
  if (typeof messageId !== 'string') return 'message_id_not_string';
  return messageId.length > MAX_MESSAGE_ID_CHARACTERS ? 'message_id_too_long' : null;
}

function traitsViolation({ traits }: Fields, most: number): EventDropReason | null {
  if (traits === undefined) return null;
  if (!isObject(traits)) return 'traits_not_object';
  return Object.keys(traits).length > most ? 'too_many_traits' : null;
}

function propertiesViolation({ properties }: Fields): EventDropReason | null {
  if (properties === undefined) return null;
  if (!isObject(properties)) return 'properties_not_object';
  return Object.keys(properties).length > MAX_PROPERTIES ? 'too_many_properties' : null;
}

function pageViolation(event: Fields): EventDropReason | null {
  if (!isAbsent(event.name) && !isText(event.name)) return 'name_not_string';
  if (!isAbsent(event.category) && !isText(event.category)) return 'category_not_string';
  return propertiesViolation(event);
}

function trackViolation(event: Fields): EventDropReason | null {
  if (isAbsent(event.event) || event.event === '') return 'event_not_defined';
  if (typeof event.event !== 'string') return 'event_not_string';
  return propertiesViolation(event);
}

function groupViolation(event: Fields): EventDropReason | null {
  const { groupId } = event;
  if (isAbsent(groupId) || groupId === '') return 'id_required';
  if (typeof groupId !== 'string') return 'id_not_string';
  if (groupId.length > MAX_GROUP_ID_CHARACTERS) return 'group_id_too_long';
  return traitsViolation(event, MAX_PROPERTIES);
}

function aliasViolation({ previousId }: Fields): EventDropReason | null {
  if (isAbsent(previousId)) return 'id_required';
  return isText(previousId) ? null : 'id_not_string';
}

const typeRules: Record<EventType, (event: Fields) => EventDropReason | null> = {
  identify: (event) => traitsViolation(event, REJECTED_IDENTIFY_TRAITS - 1),
  track: trackViolation,
  group: groupViolation,
  page: pageViolation,
  screen: pageViolation,
  alias: aliasViolation,
};
