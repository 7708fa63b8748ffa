import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Judgement } from '../alerts/judge-run.ts';
import { messageOf, wordsOf, type Told } from '../alerts/message.ts';
import { endAlert, raiseAlert, type WatchingAlert } from '../ledger/alerts.ts';
import { addNotifications, type NewNotification } from '../ledger/notifications.ts';
import type { LedgerTables } from '../ledger/schema.ts';
import { alertStates, type AlertState, type RaisedAlert } from '../vocabulary/alert.ts';
import type { Run } from '../vocabulary/run.ts';

type Alert = Pick<WatchingAlert, 'name' | 'definition'>;

export interface Taking {
  installation: string;
  sync: string;
  alert: Alert;
  run: Run | null;
  /** Of the sync; kept as it changes. */
  raised: RaisedAlert[];
}

/** One message for each change of a state, and one for whatever happens. */
export async function takeInJudgements(
  db: Transaction<LedgerTables>,
  taking: Taking,
  judgements: readonly Judgement[],
): Promise<void> {
  const { alert, installation, raised, run, sync } = taking;
  for (const judgement of judgements) {
    const now = new Date();
    const about = { installation, alert: alert.name, sync, judgement, run, now };
    const { condition, is, message } = judgement;
    if (!isState(condition)) {
      await addNotifications(db, notificationsOf(alert, { ...about, event: 'happened', since: now }));
      continue;
    }
    const standing = raised.findIndex((one) => one.alert === alert.name && one.condition === condition);
    const before = raised[standing];
    if (is === 'so' && before === undefined) {
      const own = {
        alert: alert.name,
        sync,
        condition,
        message,
        run: run?.id ?? null,
        since: now.toISOString(),
      };
      raised.push(own);
      await raiseAlert(db, own);
      await addNotifications(db, notificationsOf(alert, { ...about, event: 'raised', since: now }));
    }
    if (is === 'over' && before !== undefined) {
      raised.splice(standing, 1);
      await endAlert(db, before);
      if (!alert.definition.recovered) continue;
      const since = new Date(before.since);
      await addNotifications(db, notificationsOf(alert, { ...about, event: 'recovered', since }));
    }
  }
}

const isState = (condition: string): condition is AlertState =>
  (alertStates as readonly string[]).includes(condition);

const notificationsOf = ({ definition }: Alert, told: Told): NewNotification[] =>
  [...new Set(definition.to)].map((channel) => ({
    id: randomUUID(),
    alert: told.alert,
    sync: told.sync,
    condition: told.judgement.condition,
    event: told.event,
    message: wordsOf(told),
    run: told.run?.id ?? null,
    channel,
    document: messageOf(told),
    createdAt: told.now.toISOString(),
  }));
