import type { Dispatcher } from 'undici';
import { classify, type Answer } from './classify.ts';
import type { DeliverOptions, DeliveryOutcome } from './deliver.ts';
import { errorCodeOf } from './error-code.ts';
import { stopwatch } from '../vocabulary/stopwatch.ts';

/** Segment says `{"success": true}`. What is longer than this is not Segment's, and is not read on. */
const MAX_ANSWER_BYTES = 64 * 1024;

export interface PostRequest {
  path: string;
  headers: Record<string, string>;
  body: Buffer | string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  tooLate?: (() => boolean) | undefined;
  onExchange?: DeliverOptions['onExchange'];
}

/**
 * One POST. Redirects are not followed. Dispatched by hand, since only the dispatcher tells whether a request has begun
 * to leave: before that, a failure means that nothing was posted; after it, nobody knows.
 */
export function post(dispatcher: Dispatcher, request: PostRequest): Promise<DeliveryOutcome> {
  const { path, headers, body, timeoutMs, signal } = request;
  const sinceBegin = stopwatch();
  const expired = (): boolean => sinceBegin() >= timeoutMs || request.tooLate?.() === true;
  return new Promise((resolve) => {
    let begun = false;
    let settled = false;
    let answer: Answer | undefined;
    let connection: Dispatcher.DispatchController | undefined;
    const chunks: Buffer[] = [];
    let answerBytes = 0;

    const settle = (outcome: DeliveryOutcome): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      request.onExchange?.({
        request: { method: 'POST', url: path, headers, body: body.toString() },
        answer:
          answer === undefined
            ? null
            : { status: answer.status, body: Buffer.concat(chunks).toString('utf8') },
      });
      resolve(outcome);
    };
    const cut = (errorCode: string): void => {
      // The status alone tells all but a 200, whose body may take it back.
      if (answer !== undefined && answer.status !== 200) settle(classify(answer, new Date()));
      else settle({ kind: 'unavailable', status: null, errorCode, posted: begun ? 'unknown' : 'no' });
    };
    const giveUp = (errorCode: string): void => {
      cut(errorCode);
      connection?.abort(new Error(errorCode));
    };
    const onAbort = (): void => giveUp('aborted');
    const timer = setTimeout(() => giveUp('ETIMEDOUT'), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) return onAbort();

    dispatcher.dispatch(
      { method: 'POST', path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      {
        onRequestStart(controller) {
          connection = controller;
          // A process that was frozen may run this before its timer; aborted here, no byte leaves.
          if (!settled && expired()) cut('ETIMEDOUT');
          if (settled) controller.abort(new Error('too late'));
          else begun = true;
        },
        onResponseStart(_controller, status, answerHeaders) {
          if (status >= 200) answer = { status, headers: answerHeaders, body: null };
        },
        onResponseData(controller, chunk) {
          answerBytes += chunk.length;
          if (answerBytes <= MAX_ANSWER_BYTES) return void chunks.push(chunk);
          if (answer !== undefined) settle(classify(answer, new Date()));
          controller.abort(new Error('answer too long'));
        },
        onResponseEnd() {
          if (answer !== undefined) settle(classify({ ...answer, body: Buffer.concat(chunks) }, new Date()));
          else cut('network_error');
        },
        onResponseError(_controller, error) {
          cut(errorCodeOf(error));
        },
      },
    );
  });
}
