import { postedBetween, writeDelivery } from '../ledger/deliveries.ts';
import { readRun } from '../ledger/runs.ts';
import { lookUpSource } from '../segment/find-source.ts';
import type { Dependencies } from './dependencies.ts';
import { resolve } from './resolve-ends.ts';

export interface ReconcileResult {
  sent: number;
  /** Null: Segment tells nothing of that span. */
  received: number | null;
  failed: number;
}

/**
 * What Segment's delivery overview says of the source in the span in which the run posted → ledger. The counts are those of the
 * source: what others sent to it in that span is among them.
 */
export async function reconcile(
  dependencies: Dependencies,
  input: { run: string },
): Promise<ReconcileResult> {
  const { allowedEndpoints, ledger } = dependencies;
  const { definition, messages } = await readRun(ledger.db, input.run);
  const nothing = { sent: messages.accepted, received: null, failed: 0 };
  const name = definition.sync.destination;
  const connection = await resolve(dependencies, name, definition.destination);
  const span = await postedBetween(ledger.db, input.run);
  if (connection.type !== 'segment' || span === null) return nothing;
  const { source: wanted, token } = connection;
  if (token === undefined || wanted === undefined) return nothing;
  const access = { ...connection, token, source: wanted };
  const { api, source } = await lookUpSource(name, access, { allowedEndpoints });
  const deliveries = await api.deliveries(source.id, { ...span, now: new Date() });
  if (deliveries === null) return nothing;
  await writeDelivery(ledger.db, input.run, deliveries);
  const failed = Object.values(deliveries.failed).reduce((sum, count) => sum + count, 0);
  return { sent: messages.accepted, received: deliveries.received, failed };
}
