import { ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { inInstallation } from '../vocabulary/installation.ts';
import type { Running } from './running.ts';
import { counted } from './show.ts';
import { reconcile } from './steps.ts';

/** Segment counts what came in with some delay: asked at once, and then after these, until all is accounted for. */
const WAITS = ['5 minutes', '30 minutes', '3 hours'] as const;

/** What follows a run and may fail without touching it: so far, what Segment says that came in. */
export async function afterRun(input: { run: string }): Promise<void> {
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
  if (settings.reconciles !== true || run.messages.accepted === 0) return;
  try {
    await startChild(afterRun, {
      workflowId: inInstallation(settings.installation, `after/${run.id}`),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${run.sync}: ${counted(run.messages.accepted)} sent`,
      args: [{ run: run.id }],
    });
  } catch {
    // It has been started already, or cannot be: the counts are then missing, and nothing else.
  }
}
