import type { ErrorView } from './backhaul-error.ts';

/** What stays so until it is otherwise: one message when it begins, and one when it is over. */
export const alertStates = [
  'failed',
  'invalid',
  'rejected',
  'runtime',
  'rows',
  'silence',
  'approval',
] as const;
export type AlertState = (typeof alertStates)[number];

/** What a run did: a message each time. */
export const alertOccurrences = ['fullSync', 'finished'] as const;
export type AlertOccurrence = (typeof alertOccurrences)[number];

export type AlertCondition = AlertState | AlertOccurrence;

export const notificationEvents = ['raised', 'recovered', 'happened'] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

export const notificationStatuses = ['waiting', 'delivered', 'failed', 'cancelled'] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

/** For how long a channel that does not take a notification is tried: it may be down over night; who waits longer hears of it from others. */
export const NOTIFICATION_PATIENCE_MS = 24 * 3_600_000;
/** A channel that has been down for a while is not tried more rarely than this. */
export const NOTIFICATION_TRIES_APART_MS = 15 * 60_000;

/** An alert that stands for a sync. Times are ISO 8601. */
export interface RaisedAlert {
  alert: string;
  sync: string;
  condition: AlertState;
  /** What is so, in words. */
  message: string;
  /** The run that showed it; null: none did. */
  run: string | null;
  since: string;
}

/** A message to a channel, and what became of it. */
export interface Notification {
  /** Also the `webhook-id` of the request: the same each time that it is sent. */
  id: string;
  alert: string;
  sync: string;
  condition: AlertCondition;
  event: NotificationEvent;
  message: string;
  run: string | null;
  /** The connection that it goes to. */
  channel: string;
  status: NotificationStatus;
  /** Requests that were made. */
  attempts: number;
  /** Of the last request; null: none was made, or it came through. */
  error: ErrorView | null;
  createdAt: string;
  finishedAt: string | null;
}
