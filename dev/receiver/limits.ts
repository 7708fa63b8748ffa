/**
 * What Segment's Tracking API takes. The receiver states it by itself, so that it does not share a mistake with the
 * room that keeps to it (segment/batch.ts). Sources: docs of Segment, "HTTP API" and "Unify limits".
 */

/**
 * "The batch API endpoint accepts a maximum of 500KB per request." Whether a KB has 1,000 or 1,024 bytes is not said;
 * the smaller reading is kept, since who stays below it stays below both. It is counted after decompression.
 */
export const MAX_REQUEST_BYTES = 500_000;
/**
 * "A limit of 32KB per event in the batch" and "32KB per normal API request"; 1,024 bytes a KB here, as Segment's own
 * clients count it (analytics-python 2.4.0: 32 << 10).
 */
export const MAX_EVENT_BYTES = 32 * 1024;
/** "Each batch request can only have up to 2500 events." */
export const MAX_BATCH_EVENTS = 2_500;
/** "Engage rejects Identify events with 300 or more traits." */
export const REJECTED_IDENTIFY_TRAITS = 300;
/** "Unify will silently drop events" with more than 300 properties or traits. */
export const MAX_PROPERTIES = 300;
/** The same of a `messageId` longer than 100 characters. */
export const MAX_MESSAGE_ID_CHARACTERS = 100;
/** And of a `groupId` longer than 500. */
export const MAX_GROUP_ID_CHARACTERS = 500;
/** "Approximately 24 hours" of looking back: docs of Segment, "Handling duplicate data". */
export const DEDUPLICATION_MS = 24 * 60 * 60 * 1_000;
