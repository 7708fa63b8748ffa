import {
  findNotification,
  listNotifications,
  requeueNotification,
  type NotificationFilter,
} from '../ledger/notifications.ts';
import { raisedAlerts } from '../ledger/alerts.ts';
import type { Notification, RaisedAlert } from '../vocabulary/alert.ts';
import { notificationWorkflowId } from '../vocabulary/installation.ts';
import type { ClientConnection } from './connection.ts';

/** Alerts that stand now, the oldest first. */
export const listRaised = ({ ledger }: ClientConnection): Promise<RaisedAlert[]> => raisedAlerts(ledger.db);

/** What was told, the newest first. */
export async function notificationsOf(
  { ledger }: ClientConnection,
  filter: Pick<NotificationFilter, 'sync' | 'status' | 'limit'> = {},
): Promise<Notification[]> {
  return (await listNotifications(ledger.db, filter)).map(told);
}

/**
 * Sends a notification again, at once and under the id that it had, to its connection as it stands now.
 *
 * @throws notification_not_found
 */
export async function redeliver(
  { installation, ledger, taskQueue, temporal }: ClientConnection,
  id: string,
): Promise<Notification> {
  await findNotification(ledger.db, id);
  await requeueNotification(ledger.db, id);
  await temporal.workflow.start('notify', {
    workflowId: notificationWorkflowId(installation, id),
    // The one that is there may be giving up at this moment, or be waiting to try again.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue,
    args: [{ notification: id }],
  });
  return told(await findNotification(ledger.db, id));
}

/** What is in it, its message says. */
const told = ({ document: _document, ...notification }: Notification & { document: unknown }): Notification =>
  notification;
