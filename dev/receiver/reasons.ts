/**
 * Why events are answered 200 and dropped all the same. Codes as in Segment's Delivery Overview ("Failed on ingest");
 * the last seven are limits of Segment for which it has no code.
 */
export const dropReasons = {
  project_not_found: 'The write key is not known.',
  empty_batch: 'The batch has no event.',
  missing_type: 'The event has no type.',
  invalid_type: 'The type is none of identify, track, group, page, screen and alias.',
  no_user_anon_id: 'There is neither a userId nor an anonymousId.',
  id_not_string: 'An id is empty or not a string.',
  id_required: 'A group has no groupId, or an alias no previousId.',
  event_not_defined: 'A track has no event.',
  event_not_string: "A track's event is not a string.",
  traits_not_object: 'The traits are not an object.',
  properties_not_object: 'The properties are not an object.',
  name_not_string: 'The name of a page or screen is empty or not a string.',
  category_not_string: 'The category of a page or screen is empty or not a string.',
  too_many_events: 'The batch has more than 2,500 events; all of them are dropped.',
  event_not_object: 'The event is not an object.',
  message_id_not_string: 'The messageId is not a string.',
  message_id_too_long: 'The messageId has more than 100 characters.',
  group_id_too_long: 'The groupId has more than 500 characters.',
  too_many_traits: 'An identify has 300 traits or more, or a group more than 300.',
  too_many_properties: 'There are more than 300 properties.',
} as const;

export type DropReason = keyof typeof dropReasons;
/** Events by the reason for which they were dropped. */
export type Dropped = Partial<Record<DropReason, number>>;
