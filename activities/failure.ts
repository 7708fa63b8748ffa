import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * Runs an activity so that all it can fail with is safe to keep in Temporal's history: the failure's type is the code,
 * it has no cause, and an error that nobody foresaw shows its class only, since its text may hold a value of a row.
 */
export async function failingSafely<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { cancellationSignal, log } = Context.current();
    if (cancellationSignal.aborted || error instanceof CancelledFailure)
      throw new CancelledFailure('cancelled');
    const known =
      error instanceof BackhaulError
        ? error
        : new BackhaulError('internal', unforeseen(error), { cause: error });
    if (known.code === 'internal')
      log.error('An activity failed in a way that was not foreseen', { at: placeOf(error) });
    const { code, message, entry } = known;
    throw ApplicationFailure.create({
      type: code,
      message,
      // What nobody foresaw may pass; trying it again harms nothing.
      nonRetryable: !entry.retryable && code !== 'internal',
      details: [known.view()],
      category: entry.retryable ? ApplicationFailureCategory.BENIGN : undefined,
    });
  }
}

function unforeseen(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${code}` : error.name;
}

/** The frames of the stack, without the message above them. */
const placeOf = (error: unknown): string =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .join('\n')
    : '';
