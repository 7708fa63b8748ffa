import { ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { inInstallation } from '../vocabulary/installation.ts';
import { startLookingAtAlerts } from './alerts.ts';
import type { Running } from './running.ts';
import { counted } from './show.ts';
import { scheduledSync } from './scheduled-sync.ts';
import { findFollowers, reconcile } from './steps.ts';
import { startWriteBack } from './write-back.ts';

/** Segment counts what came in with some delay: asked at once, and then after these, until all is accounted for. */
const WAITS = ['5 minutes', '30 minutes', '3 hours'] as const;

export interface AfterRunInput {
  run: string;
  /** Other syncs may have waited for it. Absent in what older versions started. */
  followed?: boolean;
  /** Segment can be asked what came in. Absent in what older versions started: they were for this alone. */
  reconciles?: boolean;
  /** It is written back. Absent in what older versions started. */
  writeback?: boolean;
  /** Alerts are to be told of it. Absent in what older versions started. */
  alerts?: boolean;
  /** Given with `writeback` and `alerts`. */
  installation?: string;
}

/**
 * What follows a run and may fail without touching it: alerts, syncs that waited for it, its write-back, and what Segment says that
 * came in.
 */
export async function afterRun(input: AfterRunInput): Promise<void> {
  const { alerts = false, followed = false, installation = '', reconciles = true } = input;
  const { run, writeback = false } = input;
  if (alerts) await startLookingAtAlerts({ run, installation });
  if (writeback) await startWriteBack({ run, installation });
  if (followed) await startFollowers(run);
  if (reconciles) await reconcileUntilAll({ run });
}

async function startFollowers(run: string): Promise<void> {
  const { installation, syncs } = await findFollowers.executeWithOptions({ summary: `run ${run}` }, [
    { run },
  ]);
  for (const sync of syncs) {
    await startChild(scheduledSync, {
      workflowId: inInstallation(installation, `scheduled/${sync}-after-${run}`),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: sync,
      args: [{ sync, installation }],
    });
  }
}

async function reconcileUntilAll(input: { run: string }): Promise<void> {
  for (const wait of [null, ...WAITS]) {
    if (wait !== null) await sleep(wait, { summary: 'until Segment has counted more' });
    const { failed, received, sent } = await reconcile.executeWithOptions({ summary: `run ${input.run}` }, [
      input,
    ]);
    if (received === null || received + failed >= sent) return;
  }
}

/** Starts it beside the run that has ended. Whatever hinders that is no concern of the run. */
export async function startAfterRun({ run, settings }: Running): Promise<void> {
  const reconciles = settings.reconciles === true && run.messages.accepted > 0;
  // A run of single rows is no turn of its sync.
  const followed = settings.followed === true && run.status === 'completed' && run.mode !== 'restricted';
  const writeback = settings.writeback === true;
  const alerts = settings.alerts === true;
  if (!reconciles && !followed && !writeback && !alerts) return;
  try {
    await startChild(afterRun, {
      workflowId: inInstallation(settings.installation, `after/${run.id}`),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${run.sync}: ${counted(run.messages.accepted)} sent`,
      args: [
        {
          run: run.id,
          ...((followed || writeback || alerts) && { followed, reconciles }),
          ...(writeback && { writeback }),
          ...(alerts && { alerts }),
          ...((writeback || alerts) && { installation: settings.installation }),
        },
      ],
    });
  } catch {
    // It has been started already, or cannot be: the counts are then missing, and nothing else.
  }
}
