import { Context } from '@temporalio/activity';
import { sendToChannel } from '../alerts/send-to-channel.ts';
import { findNotification, giveUpNotification, recordAttempt } from '../ledger/notifications.ts';
import { findConnection } from '../ledger/pin-definition.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';
import { resolveChannel } from './resolve-ends.ts';

/** A notification → its channel, as the connection stands now. What came of each request is in the ledger. */
export async function notify(dependencies: Dependencies, input: { notification: string }): Promise<void> {
  const { db } = dependencies.ledger;
  const { channel, document, id, status } = await findNotification(db, input.notification);
  if (status !== 'waiting') return;
  try {
    const connection = await resolveChannel(dependencies, channel, await findConnection(db, channel));
    const signal = Context.current().cancellationSignal;
    await sendToChannel(channel, connection, { id, message: document }, signal);
  } catch (error) {
    if (error instanceof BackhaulError) await recordAttempt(db, id, error.view());
    throw error;
  }
  await recordAttempt(db, id, null);
}

/** It was given up → ledger. */
export async function recordUndelivered(
  { ledger }: Dependencies,
  input: { notification: string; status: 'failed' | 'cancelled' },
): Promise<void> {
  await giveUpNotification(ledger.db, input.notification, input.status);
}
