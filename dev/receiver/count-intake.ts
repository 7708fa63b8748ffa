import { countEvents } from './count-events.ts';
import { admit, faultOf, taken, unread, type Admission, type Intake } from './intake.ts';
import { writeKeyOf } from './write-key.ts';

/**
 * Counts events and keeps nothing of them, for a bench. Checked as always: the size of the request, its content-type,
 * how many events a batch has, the write key and the rate. Not checked: that the body is JSON, the size of an event,
 * the rules for an event, duplicates. What `countEvents` says of its own exactness holds too.
 */
export function countingIntake(admission: Admission): Intake {
  return (request) => {
    const fault = faultOf(request);
    if (fault !== null) return unread(fault);
    const { endpoint, headers, body } = request;
    const events = endpoint === 'batch' ? countEvents(body) : 1;
    return {
      events,
      messageIds: () => messageIdsIn(body.toString('utf8')),
      take: (at) =>
        admit(admission, { events, writeKey: writeKeyOf(lastWriteKey(body), headers), at }) ??
        taken(events, 0, {}),
    };
  };
}

const messageIdsIn = (text: string): string[] =>
  [...text.matchAll(/"messageId":\s*"([^"\\]*)"/g)].flatMap(([, id]) => (id === undefined ? [] : [id]));

const KEY_MARK = '"writeKey":"';

/** Clients put the write key behind the batch, so it is looked for from the end. */
function lastWriteKey(body: Buffer): string {
  const at = body.lastIndexOf(KEY_MARK);
  if (at === -1) return '';
  const from = at + KEY_MARK.length;
  return body.toString('utf8', from, body.indexOf('"', from));
}
