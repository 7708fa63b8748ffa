import type { Dependencies } from './dependencies.ts';
import { failingSafely } from './failure.ts';
import { unlessGivenUp } from './leaving.ts';
import { lookAtAlerts } from './look-at-alerts.ts';
import { map } from './map.ts';
import { measureProgress } from './measure-progress.ts';
import { notify, recordUndelivered } from './notify.ts';
import { openRun } from './open-run.ts';
import { paginate } from './paginate.ts';
import { previewModel } from './preview-model.ts';
import { endRecap } from './end-recap.ts';
import { recapRun } from './recap-run.ts';
import { recapSync } from './recap-sync.ts';
import { reconcile } from './reconcile.ts';
import { recordDecision } from './record-decision.ts';
import {
  recordPageResult,
  recordRunResult,
  type PageResult,
  type RecordedRun,
  type RunEnd,
} from './record-result.ts';
import { findFollowers } from './find-followers.ts';
import { findWriteback } from './find-writeback.ts';
import { recordSkipped } from './record-skipped.ts';
import { recordStatus } from './record-status.ts';
import { recordWritebackFailure } from './record-writeback-failure.ts';
import { remindOfApproval } from './remind-of-approval.ts';
import { runModel } from './run-model.ts';
import { sendBatch } from './send-batch.ts';
import { settleRun } from './settle-run.ts';
import { validateConnection } from './validate-connection.ts';
import { writeBack } from './write-back.ts';

/**
 * The activity types that a person sees in the Temporal UI. What goes in and out are names, ids and counts, of the same size
 * for a thousand rows as for a billion.
 */
export function createActivities(dependencies: Dependencies) {
  const bound =
    <Input, Output>(activity: (dependencies: Dependencies, input: Input) => Promise<Output>) =>
    (input: Input): Promise<Output> =>
      failingSafely(() => unlessGivenUp(dependencies.leaving, () => activity(dependencies, input)));
  const recordPage = bound(recordPageResult);
  const recordRun = bound(recordRunResult);

  const recordResult = (
    input: Parameters<RecordPage>[0] | Parameters<RecordRun>[0],
  ): Promise<PageResult | RecordedRun> => ('page' in input ? recordPage(input) : recordRun(input));

  return {
    openRun: bound(openRun),
    settleRun: bound(settleRun),
    validateConnection: bound(validateConnection),
    runModel: bound(runModel),
    paginate: bound(paginate),
    map: bound(map),
    // It leaves by itself, and never between a POST and its record.
    sendBatch: (input: Parameters<typeof sendBatch>[1]) =>
      failingSafely(() => sendBatch(dependencies, input)),
    recordResult,
    recordStatus: bound(recordStatus),
    measureProgress: bound(measureProgress),
    previewModel: bound(previewModel),
    reconcile: bound(reconcile),
    recapSync: bound(recapSync),
    endRecap: bound(endRecap),
    recapRun: bound(recapRun),
    recordDecision: bound(recordDecision),
    remindOfApproval: bound(remindOfApproval),
    recordSkipped: bound(recordSkipped),
    findFollowers: bound(findFollowers),
    findWriteback: bound(findWriteback),
    writeBack: bound(writeBack),
    recordWritebackFailure: bound(recordWritebackFailure),
    lookAtAlerts: bound(lookAtAlerts),
    notify: bound(notify),
    recordUndelivered: bound(recordUndelivered),
  };
}

/** `recordResult` has two forms: of a page, and of the whole run. */
export type RecordPage = (input: { run: string; page: number }) => Promise<PageResult>;
export type RecordRun = (input: { run: string; end: RunEnd }) => Promise<RecordedRun>;
export type Activities = ReturnType<typeof createActivities>;
