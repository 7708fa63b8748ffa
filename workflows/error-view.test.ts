import { describe, expect, it } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { errorTable } from '../vocabulary/errors.ts';
import { errorView, failureOf, wasStopped } from './error-view.ts';

const heartbeatMissing = new TimeoutFailure('activity Heartbeat timeout', undefined, TimeoutType.HEARTBEAT);
const failed = (cause: Error): ActivityFailure =>
  new ActivityFailure(
    'Activity task failed',
    'runModel',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'worker',
    cause,
  );

describe('what an activity failed with', () => {
  it('is shown as the activity said it, action and all', () => {
    const error = new BackhaulError('source_tls', 'connection warehouse', {
      action: 'Renew the certificate.',
    });
    const cause = ApplicationFailure.create({
      type: error.code,
      message: error.message,
      details: [error.view()],
    });
    expect(failureOf(failed(cause))).toEqual(error.view());
  });

  it('is completed from the table when the details are missing, as from another language', () => {
    const cause = ApplicationFailure.create({ type: 'source_tls', message: 'no TLS' });
    expect(failureOf(failed(cause))).toEqual({
      code: 'source_tls',
      message: 'no TLS',
      action: errorTable.source_tls.action,
    });
  });

  it.each([
    ['a type that is no code', ApplicationFailure.create({ type: 'TypeError', message: 'planted-value' })],
    ['a time-out', heartbeatMissing],
  ])('is internal for %s, and says nothing but which activity it was', (_, cause) => {
    expect(failureOf(failed(cause))).toEqual({
      code: 'internal',
      message: `${errorTable.internal.meaning} (runModel)`,
      action: errorTable.internal.action,
    });
  });

  it('is nothing for an error of the workflow itself', () => {
    expect(failureOf(new Error('x'))).toBeUndefined();
    expect(failureOf(ApplicationFailure.create({ type: 'source_tls' }))).toBeUndefined();
    expect(failureOf(undefined)).toBeUndefined();
  });
});

it.each([
  ['was cancelled', new CancelledFailure('cancelled'), RetryState.NON_RETRYABLE_FAILURE, true],
  ['lost its worker before it could hear of a cancel', heartbeatMissing, RetryState.CANCEL_REQUESTED, true],
  ['lost its worker', heartbeatMissing, RetryState.TIMEOUT, false],
  ['failed', ApplicationFailure.create({ type: 'source_tls' }), RetryState.NON_RETRYABLE_FAILURE, false],
])('an activity that %s', (_, cause, retryState, stopped) => {
  expect(wasStopped(new ActivityFailure('failed', 'runModel', '1', retryState, 'worker', cause))).toBe(
    stopped,
  );
});

it('an error of the workflow says where, in the words of the table', () => {
  expect(errorView('run_too_long', 'run 7')).toEqual({
    code: 'run_too_long',
    message: `${errorTable.run_too_long.meaning} (run 7)`,
    action: errorTable.run_too_long.action,
  });
});
