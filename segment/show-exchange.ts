import type { Exchange } from '../vocabulary/exchange.ts';
import type { Deliver } from './deliver.ts';

/** What stands where the write key was. */
const LEFT_OUT = '…';
/** A header that holds the write key in another writing. */
const CREDENTIALS = /^(proxy-)?authorization$/i;

/** Lets a delivery tell of its request and the answer, with the whole URL and without the write key. */
export const showingExchanges =
  (deliver: Deliver, { url, writeKey }: { url: URL; writeKey: string }): Deliver =>
  (batch, options) => {
    const { onExchange } = options;
    if (onExchange === undefined) return deliver(batch, options);
    const place = `${url.origin}${url.pathname}`;
    return deliver(batch, {
      ...options,
      onExchange: (exchange) => onExchange(shown(exchange, place, writeKey)),
    });
  };

function shown({ answer, request }: Exchange, url: string, writeKey: string): Exchange {
  const without = (text: string): string =>
    text.replaceAll(JSON.stringify(writeKey).slice(1, -1), LEFT_OUT).replaceAll(writeKey, LEFT_OUT);
  const headers = Object.entries(request.headers)
    .filter(([name]) => !CREDENTIALS.test(name))
    .map(([name, value]) => [name, without(value)]);
  return {
    request: {
      ...request,
      url,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: without(request.body),
    },
    answer: answer === null ? null : { ...answer, body: without(answer.body) },
  };
}
