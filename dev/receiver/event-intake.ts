import { randomUUID } from 'node:crypto';
import { rememberMessages } from './duplicates.ts';
import { admit, faultOf, refused, taken, unread, type Admission, type Intake, type Taken } from './intake.ts';
import { MAX_EVENT_BYTES } from './limits.ts';
import { keepNewest } from './newest.ts';
import { isObject, violation, type EventType } from './rules.ts';
import { collectUsers, type Users } from './users.ts';
import { writeKeyOf } from './write-key.ts';

export type ReceivedEvent = Record<string, unknown> & { type: EventType; messageId: string };

export interface EventStore {
  intake: Intake;
  /** The newest accepted ones, in order of arrival. */
  events(): ReceivedEvent[];
  users: Users;
}

/** Parses every event, holds it against the rules and keeps it. */
export function openEventStore(admission: Admission, retain: number): EventStore {
  const kept = keepNewest<ReceivedEvent>(retain);
  const users = collectUsers();
  const isDuplicate = rememberMessages();

  function takeEvents(events: readonly unknown[], at: Date): Taken {
    const result = taken(0, 0, {});
    for (const event of events) {
      const reason = violation(event);
      if (reason !== null) {
        result.dropped[reason] = (result.dropped[reason] ?? 0) + 1;
        continue;
      }
      const received = named(event as Record<string, unknown>);
      if (isDuplicate(received.messageId, at.getTime())) {
        result.duplicates += 1;
        continue;
      }
      result.accepted += 1;
      kept.add(received);
      const { type, userId, anonymousId, traits } = received;
      if (type === 'identify') users.identify((userId ?? anonymousId) as string, traits);
    }
    return result;
  }

  const intake: Intake = (request) => {
    const fault = faultOf(request);
    if (fault !== null) return unread(fault);
    const content = parse(request.body);
    if (!isObject(content)) return unread('The body must be a JSON object.');
    const events = request.endpoint === 'batch' ? ofBatch(content) : [ofCall(content, request.endpoint)];
    const writeKey = writeKeyOf(content.writeKey, request.headers);
    return {
      events: events.length,
      messageIds: () => events.map(messageIdOf).filter((id) => id !== ''),
      take: (at) => {
        if (request.body.length > MAX_EVENT_BYTES && events.some(isTooLong)) {
          return refused(400, `An event is longer than ${MAX_EVENT_BYTES} bytes.`);
        }
        return admit(admission, { events: events.length, writeKey, at }) ?? takeEvents(events, at);
      },
    };
  };
  return { intake, events: kept.all, users };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The events of a batch; its own context and integrations are merged into theirs, as Segment does. */
function ofBatch({ batch, context, integrations }: Record<string, unknown>): unknown[] {
  if (!Array.isArray(batch)) return [];
  if (!isObject(context) && !isObject(integrations)) return batch;
  return batch.map((event: unknown) =>
    isObject(event)
      ? {
          ...event,
          ...merged('context', context, event.context),
          ...merged('integrations', integrations, event.integrations),
        }
      : event,
  );
}

const merged = (field: string, ofAll: unknown, own: unknown): Record<string, unknown> =>
  isObject(ofAll) && (own === undefined || isObject(own)) ? { [field]: { ...ofAll, ...own } } : {};

/** The event of a call of its own: its type is in the path, its write key belongs to the request. */
function ofCall({ writeKey: _, ...fields }: Record<string, unknown>, type: EventType): unknown {
  return { ...fields, type };
}

const messageIdOf = (event: unknown): string =>
  isObject(event) && typeof event.messageId === 'string' ? event.messageId : '';

/** Segment names a message that has no name, once each time that it comes. */
const named = (event: Record<string, unknown>): ReceivedEvent =>
  (messageIdOf(event) === '' ? { ...event, messageId: randomUUID() } : event) as ReceivedEvent;

/** As compact JSON: blanks between its parts do not count. */
const isTooLong = (event: unknown): boolean => Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES;
