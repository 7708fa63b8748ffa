import { readsSql } from '../definitions/model.ts';
import { writeAdoptionCondition } from '../ledger/adoption-conditions.ts';
import { pinDefinition } from '../ledger/pin-definition.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ClientConnection } from './connection.ts';
import { startRun, type RunOptions, type Started } from './start-run.ts';

export interface AdoptOptions extends Pick<RunOptions, 'idempotencyKey' | 'ifRunning'> {
  /**
   * SQL over the columns of the model, as its warehouse writes it: only rows for which it holds are adopted. For models of
   * SQL and tables. It is kept in the ledger. @default all rows
   */
  where?: string | undefined;
}

/**
 * Starts a run that records the rows of the model as delivered and sends none. What the state knows already is left as it
 * is, and so are rows that could not be sent.
 *
 * @throws condition_not_sql
 */
export async function startAdoption(
  connection: ClientConnection,
  sync: string,
  { where, ...options }: AdoptOptions,
): Promise<Started> {
  const { db } = connection.ledger;
  if (where === undefined) return startRun(connection, sync, { ...options, adopt: { condition: null } });
  // An unset variable in a script would otherwise adopt every row.
  if (where.trim() === '') throw new BackhaulError('usage', 'the condition is empty');
  const { model, sync: definition } = await pinDefinition(db, sync);
  if (!readsSql(model))
    throw new BackhaulError('condition_not_sql', `sync ${sync}, model ${definition.model}`);
  const condition = await writeAdoptionCondition(db, sync, where);
  return startRun(connection, sync, { ...options, adopt: { condition } });
}
