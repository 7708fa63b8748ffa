import {
  MAX_GROUP_ID_CHARACTERS,
  MAX_MESSAGE_ID_CHARACTERS,
  MAX_PROPERTIES,
  REJECTED_IDENTIFY_TRAITS,
} from './limits.ts';
import type { DropReason } from './reasons.ts';

export const eventTypes = ['identify', 'track', 'group', 'page', 'screen', 'alias'] as const;
export type EventType = (typeof eventTypes)[number];

type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why Segment would take this event with a 200 and drop it all the same; null when it is kept. */
export function violation(event: unknown): DropReason | null {
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

function idViolation({ userId, anonymousId }: Fields): DropReason | null {
  if (isAbsent(userId) && isAbsent(anonymousId)) return 'no_user_anon_id';
  return [userId, anonymousId].every((id) => isAbsent(id) || isText(id)) ? null : 'id_not_string';
}

function messageIdViolation(messageId: unknown): DropReason | null {
  if (isAbsent(messageId)) return null;
  if (typeof messageId !== 'string') return 'message_id_not_string';
  return messageId.length > MAX_MESSAGE_ID_CHARACTERS ? 'message_id_too_long' : null;
}

function traitsViolation({ traits }: Fields, most: number): DropReason | null {
  if (traits === undefined) return null;
  if (!isObject(traits)) return 'traits_not_object';
  return Object.keys(traits).length > most ? 'too_many_traits' : null;
}

function propertiesViolation({ properties }: Fields): DropReason | null {
  if (properties === undefined) return null;
  if (!isObject(properties)) return 'properties_not_object';
  return Object.keys(properties).length > MAX_PROPERTIES ? 'too_many_properties' : null;
}

function pageViolation(event: Fields): DropReason | null {
  if (!isAbsent(event.name) && !isText(event.name)) return 'name_not_string';
  if (!isAbsent(event.category) && !isText(event.category)) return 'category_not_string';
  return propertiesViolation(event);
}

function trackViolation(event: Fields): DropReason | null {
  if (isAbsent(event.event) || event.event === '') return 'event_not_defined';
  if (typeof event.event !== 'string') return 'event_not_string';
  return propertiesViolation(event);
}

function groupViolation(event: Fields): DropReason | null {
  const { groupId } = event;
  if (isAbsent(groupId) || groupId === '') return 'id_required';
  if (typeof groupId !== 'string') return 'id_not_string';
  if (groupId.length > MAX_GROUP_ID_CHARACTERS) return 'group_id_too_long';
  return traitsViolation(event, MAX_PROPERTIES);
}

function aliasViolation({ previousId }: Fields): DropReason | null {
  if (isAbsent(previousId)) return 'id_required';
  return isText(previousId) ? null : 'id_not_string';
}

const typeRules: Record<EventType, (event: Fields) => DropReason | null> = {
  identify: (event) => traitsViolation(event, REJECTED_IDENTIFY_TRAITS - 1),
  track: trackViolation,
  group: groupViolation,
  page: pageViolation,
  screen: pageViolation,
  alias: aliasViolation,
};
