import { TemporalFailure } from '@temporalio/common';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** An error as a log may show it. */
export interface SafeError {
  type: string;
  /** Only where it is known to hold no value of a row. */
  message?: string;
  /** The frames of the stack, without the message above them. */
  at?: string;
}

/** Of the SDK itself: they are about workflows and connections, and never see a row. */
const OF_THE_SDK = new Set([
  'DeterminismViolationError',
  'IllegalStateError',
  'PromiseCompletionTimeoutError',
  'ShutdownError',
  'TransportError',
  'UnexpectedError',
  'WorkflowTaskFailedError',
]);

/**
 * An error by its code and, when it is Backhaul's or Temporal's, its message. What others say may quote a row or a secret, so of
 * those only the class, the code and the place in the code are shown.
 */
export function safeError(error: unknown): SafeError {
  if (error instanceof BackhaulError) return { type: error.code, message: error.message };
  if (error instanceof TemporalFailure) {
    const { type } = error as { type?: unknown };
    return { type: typeof type === 'string' ? type : error.name, message: error.message };
  }
  if (!(error instanceof Error)) return { type: typeof error };
  const at = framesOf(error);
  if (OF_THE_SDK.has(error.name)) return { type: error.name, message: error.message, at };
  const { code } = error as { code?: unknown };
  const isCode = typeof code === 'string' || typeof code === 'number';
  return { type: isCode ? `${error.name} ${code}` : error.name, at };
}

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join(' ');
