import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Run } from '../../vocabulary/run.ts';

export interface SeenEvent {
  id: string;
  run: Run;
}

/** The events `run` of a stream, as a browser takes them; breaks as the connection does. */
export async function* readEvents(response: Response): AsyncGenerator<SeenEvent, undefined> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  if (response.body === null) return undefined;
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(piece, { stream: true }));
    for (const { data, event, id } of events.splice(0)) {
      if (event !== 'run') throw new Error(`${event}: ${data}`);
      yield { id: id ?? '', run: JSON.parse(data) as Run };
    }
  }
  return undefined;
}

/** What is left of a stream, to its end. */
export async function allEvents(events: AsyncIterable<SeenEvent>): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}
