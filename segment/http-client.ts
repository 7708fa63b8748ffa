import type { Dispatcher } from 'undici';
import type { Deliver } from './deliver.ts';
import { requestBody } from './envelope.ts';
import { post } from './post.ts';

/** Delivers by a direct POST: the text at rest goes out as it is, at about a fifteenth of the library's CPU an event. */
export const httpClient =
  (dispatcher: Dispatcher, { path, writeKey }: { path: string; writeKey: string }): Deliver =>
  ({ text }, { sentAt, timeoutMs, signal, tooLate, onExchange }) =>
    post(dispatcher, {
      path,
      headers: { 'content-type': 'application/json', 'user-agent': 'backhaul' },
      body: requestBody(text, writeKey, sentAt),
      timeoutMs,
      signal,
      tooLate,
      onExchange,
    });
