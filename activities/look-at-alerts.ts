import type { Transaction } from 'kysely';
import { isFor } from '../definitions/alert.ts';
import { askedSince } from '../definitions/asked-since.ts';
import { judgeRun, USUAL_RUNS, type Judgement } from '../alerts/judge-run.ts';
import { judgeSync, type SyncNow } from '../alerts/judge-sync.ts';
import { endAlert, lookingAt, raisedAlerts, watchingAlerts, type WatchingAlert } from '../ledger/alerts.ts';
import { currentDefinitions } from '../ledger/definitions.ts';
import { giveUpExpired, notificationsToSend } from '../ledger/notification-turns.ts';
import { forgetOldNotifications } from '../ledger/notifications.ts';
import { readRun } from '../ledger/runs.ts';
import type { LedgerTables } from '../ledger/schema.ts';
import { syncStarts, type SyncStarts } from '../ledger/sync-starts.ts';
import {
  lastCompletion,
  markJudged,
  runsToJudge,
  runUnderWay,
  usualRows,
  watchedRun,
} from '../ledger/watched-runs.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';
import { takeInJudgements } from './take-in-judgements.ts';

export interface LookAtAlertsInput {
  /** A run that has ended; without one every sync is looked at. */
  run?: string;
}

/** What is to be sent, and by which workflow. */
export interface FoundNotifications {
  notifications: { id: string; channel: string; sync: string }[];
  installation: string;
}

/** A sync that somebody watches. */
interface WatchedSync {
  sync: string;
  starts: SyncStarts;
  alerts: (WatchingAlert & {
    /** Since when it is for this sync. */
    since: Date;
  })[];
}

/** Holds alerts against what runs and syncs say, and writes down what is to be told. */
export async function lookAtAlerts(
  dependencies: Dependencies,
  { run }: LookAtAlertsInput,
): Promise<FoundNotifications> {
  const { installation, ledger } = dependencies;
  const definitions = await currentDefinitions(ledger.db);
  const alerts = await watchingAlerts(ledger.db, definitions);
  const syncs = await syncStarts(ledger.db, definitions);
  await endMoot(dependencies, alerts, syncs);
  const only = run === undefined ? null : (await readRun(ledger.db, run)).sync;
  for (const [sync, starts] of syncs) {
    if (only !== null && sync !== only) continue;
    const own = alertsOn(sync, alerts);
    if (own.length > 0) await lookAtSync(dependencies, { sync, starts, alerts: own });
  }
  if (run === undefined) await forgetOldNotifications(ledger.db);
  await giveUpExpired(ledger.db);
  return { notifications: await notificationsToSend(ledger.db), installation };
}

const alertsOn = (sync: string, alerts: readonly WatchingAlert[]): WatchedSync['alerts'] =>
  alerts.flatMap((alert) => {
    const since = askedSince(alert.versions, (definition) => isFor(definition, sync));
    return since === null ? [] : [{ ...alert, since }];
  });

/** What nobody asks for any more is over, and nobody is told. */
async function endMoot(
  { ledger }: Dependencies,
  alerts: readonly WatchingAlert[],
  syncs: ReadonlyMap<string, unknown>,
): Promise<void> {
  for (const raised of await raisedAlerts(ledger.db)) {
    const alert = alerts.find(({ name }) => name === raised.alert);
    const when = alert?.definition.when[raised.condition];
    const isAsked = when !== undefined && when !== false;
    if (alert === undefined || !isAsked || !syncs.has(raised.sync) || !isFor(alert.definition, raised.sync))
      await endAlert(ledger.db, raised);
  }
}

const lookAtSync = (dependencies: Dependencies, watched: WatchedSync): Promise<void> =>
  lookingAt(dependencies.ledger.db, watched.sync, async (db) => {
    const { alerts, starts, sync } = watched;
    const { installation, links } = dependencies;
    const raised = await raisedAlerts(db, sync);
    const tell = (alert: WatchingAlert, run: Run | null, judgements: Judgement[]): Promise<void> =>
      takeInJudgements(db, { installation, sync, alert, run, raised }, judgements);

    await judgeEndedRuns(db, dependencies, watched, tell);
    const current = await runUnderWay(db, sync, links);
    const completedAt = await lastCompletion(db, sync);
    for (const alert of alerts) {
      const { paused } = starts;
      const now: SyncNow = {
        now: new Date(),
        paused,
        watchedSince: silenceSince(alert, watched),
        completedAt,
        current,
      };
      await tell(alert, current?.run ?? null, judgeSync(alert.definition.when, now));
    }
  });

async function judgeEndedRuns(
  db: Transaction<LedgerTables>,
  { links }: Dependencies,
  { alerts, sync }: WatchedSync,
  tell: (alert: WatchingAlert, run: Run, judgements: Judgement[]) => Promise<void>,
): Promise<void> {
  const first = new Date(Math.min(...alerts.map(({ since }) => since.getTime())));
  for (const id of await runsToJudge(db, sync, first)) {
    const ended = await watchedRun(db, id, links);
    const usual = await usualRows(db, ended.run, USUAL_RUNS);
    for (const alert of alerts) {
      const { finishedAt } = ended.run;
      if (finishedAt === null || Date.parse(finishedAt) < alert.since.getTime()) continue;
      await tell(alert, ended.run, judgeRun(alert.definition.when, { ...ended, usual }));
    }
    await markJudged(db, id);
  }
}

/** From when on a silence counts: before it nobody asked, or nothing was to run. */
function silenceSince(
  { since, versions }: WatchedSync['alerts'][number],
  { starts, sync }: WatchedSync,
): Date {
  const asked =
    askedSince(versions, (definition) => isFor(definition, sync) && definition.when.silence !== undefined) ??
    since;
  return asked > starts.since ? asked : starts.since;
}
