import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { isFor } from '../definitions/alert.ts';
import type { SyncDefinition } from '../definitions/sync.ts';
import { judgeRun, USUAL_RUNS, type Judgement } from '../alerts/judge-run.ts';
import { judgeSync, type SyncNow } from '../alerts/judge-sync.ts';
import { messageOf, wordsOf, type Told } from '../alerts/message.ts';
import {
  endAlert,
  lookingAt,
  raiseAlert,
  raisedAlerts,
  watchingAlerts,
  type WatchingAlert,
} from '../ledger/alerts.ts';
import { currentDefinitions, type StoredDefinition } from '../ledger/definitions.ts';
import { addNotifications, forgetOldNotifications, type NewNotification } from '../ledger/notifications.ts';
import { giveUpExpired, notificationsToSend } from '../ledger/notification-turns.ts';
import { readRun } from '../ledger/runs.ts';
import { heldSyncs } from '../ledger/schedules.ts';
import type { LedgerTables } from '../ledger/schema.ts';
import {
  lastCompletion,
  markJudged,
  runsToJudge,
  runUnderWay,
  usualRows,
  watchedRun,
} from '../ledger/watched-runs.ts';
import { alertStates, type AlertState, type RaisedAlert } from '../vocabulary/alert.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';

export interface LookAtAlertsInput {
  /** A run that has ended; without one every sync is looked at. */
  run?: string;
}

/** What is to be sent, and by which workflow. */
export interface FoundNotifications {
  notifications: { id: string; channel: string; sync: string }[];
  installation: string;
}

type Alert = WatchingAlert;
type Db = Transaction<LedgerTables>;

/** Holds alerts against what runs and syncs say, and writes down what is to be told. */
export async function lookAtAlerts(
  dependencies: Dependencies,
  { run }: LookAtAlertsInput,
): Promise<FoundNotifications> {
  const { installation, ledger } = dependencies;
  const definitions = await currentDefinitions(ledger.db);
  const alerts = await watchingAlerts(ledger.db, definitions);
  const syncs = await pausedBySync(dependencies, definitions);
  await endMoot(dependencies, alerts, syncs);
  const only = run === undefined ? null : (await readRun(ledger.db, run)).sync;
  for (const [sync, paused] of syncs) {
    if (only !== null && sync !== only) continue;
    const own = alerts.filter(({ definition }) => isFor(definition, sync));
    if (own.length > 0) await lookAtSync(dependencies, sync, paused, own);
  }
  if (run === undefined) await forgetOldNotifications(ledger.db);
  await giveUpExpired(ledger.db);
  return { notifications: await notificationsToSend(ledger.db), installation };
}

/** The syncs by name, with whether nothing is to start them. */
async function pausedBySync(
  { ledger }: Dependencies,
  definitions: readonly StoredDefinition[],
): Promise<Map<string, boolean>> {
  const held = await heldSyncs(ledger.db);
  return new Map(
    definitions
      .filter(({ kind }) => kind === 'sync')
      // Only validated documents are stored, so the document of a kind has that kind's type.
      .map(({ document, name }) => [name, (document as unknown as SyncDefinition).paused || held.has(name)]),
  );
}

/** What nobody asks for any more is over, and nobody is told. */
async function endMoot(
  { ledger }: Dependencies,
  alerts: readonly Alert[],
  syncs: ReadonlyMap<string, boolean>,
): Promise<void> {
  for (const raised of await raisedAlerts(ledger.db)) {
    const alert = alerts.find(({ name }) => name === raised.alert);
    const when = alert?.definition.when[raised.condition];
    const isAsked = when !== undefined && when !== false;
    if (alert === undefined || !isAsked || !syncs.has(raised.sync) || !isFor(alert.definition, raised.sync))
      await endAlert(ledger.db, raised);
  }
}

const lookAtSync = (
  dependencies: Dependencies,
  sync: string,
  paused: boolean,
  alerts: readonly Alert[],
): Promise<void> =>
  lookingAt(dependencies.ledger.db, sync, async (db) => {
    const { installation, links } = dependencies;
    const raised = await raisedAlerts(db, sync);
    const tell = (alert: Alert, run: Run | null, judgements: Judgement[]): Promise<void> =>
      takeIn(db, { installation, sync, alert, run, raised }, judgements);

    const first = new Date(Math.min(...alerts.map(({ since }) => since.getTime())));
    for (const id of await runsToJudge(db, sync, first)) {
      const watched = await watchedRun(db, id, links);
      const usual = await usualRows(db, watched.run, USUAL_RUNS);
      for (const alert of alerts) {
        const { finishedAt } = watched.run;
        if (finishedAt === null || Date.parse(finishedAt) < alert.since.getTime()) continue;
        await tell(alert, watched.run, judgeRun(alert.definition.when, { ...watched, usual }));
      }
      await markJudged(db, id);
    }

    const current = await runUnderWay(db, sync, links);
    const completedAt = await lastCompletion(db, sync);
    for (const alert of alerts) {
      const now: SyncNow = { now: new Date(), paused, watchedSince: alert.since, completedAt, current };
      await tell(alert, current?.run ?? null, judgeSync(alert.definition.when, now));
    }
  });

interface Taking {
  installation: string;
  sync: string;
  alert: Alert;
  run: Run | null;
  /** Of the sync; kept as it changes. */
  raised: RaisedAlert[];
}

/** One message for each change of a state, and one for whatever happens. */
async function takeIn(db: Db, taking: Taking, judgements: readonly Judgement[]): Promise<void> {
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
