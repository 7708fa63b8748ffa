import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { errorTable, type ErrorCode } from '../../vocabulary/errors.ts';
import { temporalError } from '../temporal-error.ts';

/** RFC 9457, with our code, action and place. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  action: string;
  where: string;
}

export const PROBLEM_TYPE = 'application/problem+json';

const statuses: Partial<Record<ErrorCode, number>> = {
  usage: 400,
  request_invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  reference_not_allowed: 403,
  address_not_allowed: 403,
  secret_needed_again: 403,
  worker_identity_not_allowed: 403,
  request_too_large: 413,
  too_many_requests: 429,
  internal: 500,
  // Nothing that who asks could mend.
  temporal_unauthorized: 500,
  not_available_yet: 501,
  temporal_unreachable: 503,
  ledger_unreachable: 503,
};
const CONFLICTS: readonly ErrorCode[] = [
  'idempotency_conflict',
  'request_in_progress',
  'definitions_changed',
  'not_awaiting_approval',
  'run_ended',
  'run_not_ended',
  'schedule_paused_by_definition',
];

/** 404 for what is not there, 409 for what the state of things forbids, 503 for what may mend itself, else 422. */
export function statusOf(code: ErrorCode): number {
  const given = statuses[code];
  if (given !== undefined) return given;
  if (CONFLICTS.includes(code)) return 409;
  if (/^(sync|model|connection|run|schedule|alert|notification|key|route)_not_found$/.test(code)) return 404;
  return errorTable[code].retryable ? 503 : 422;
}

/** Of what nobody foresaw only the code is told: its text may hold anything. */
export function problemOf(error: unknown): Problem {
  const told = temporalError(error);
  const known = told instanceof BackhaulError ? told : new BackhaulError('internal');
  const { action, code, entry, message, where } = known;
  return {
    type: `urn:backhaul:error:${code}`,
    title: entry.meaning,
    status: statusOf(code),
    detail: message,
    code,
    action,
    where,
  };
}
