import {
  CancellationScope,
  ParentClosePolicy,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { CancelledFailure } from '@temporalio/common';
import type { WriteBackInput as Step, WrittenBack } from '../activities/write-back.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { writebackWorkflowId } from '../vocabulary/installation.ts';
import type { WritebackTarget } from '../vocabulary/writeback.ts';
import { errorView, failureOf, failureWith, wasStopped } from './error-view.ts';
import { startBeside } from './start-beside.ts';
import { findWriteback, recordWritebackFailure, writeBack as write } from './steps.ts';

export interface WriteBackInput {
  run: string;
  installation: string;
  /** A person asked for it: as the sync says now. @default false */
  again?: boolean;
  /** How, of a run that another one has found. @default null */
  given?: Step['writeback'] | null;
}

export type WriteBackResult = ({ target: WritebackTarget } & WrittenBack)[];

/**
 * Writes a run that has ended to where people read it, one at a time of each run: its id is `writeback/<run>`. One that goes wrong keeps
 * nothing else from being written.
 */
export async function writeBack(input: WriteBackInput): Promise<WriteBackResult> {
  const { again = false, given = null, installation, run } = input;
  const { others, writeback } = await findWriteback.executeWithOptions({ summary: `run ${run}` }, [
    { run, again, given },
  ]);
  if (writeback === null) return [];
  const written: WriteBackResult = [];
  let failed: ErrorView | null = null;
  for (const target of targetsOf(writeback)) {
    const done = await writeTo({ run, target, writeback });
    if ('code' in done) failed ??= done;
    else written.push({ target, ...done });
  }
  for (const other of others) await startWriteBack({ run: other, installation, given: writeback });
  if (failed !== null) throw failureWith(failed);
  return written;
}

const targetsOf = ({ postgres }: Step['writeback']): WritebackTarget[] =>
  postgres === undefined ? ['blobs'] : ['blobs', 'postgres'];

async function writeTo(step: Step): Promise<WrittenBack | ErrorView> {
  const summary = `run ${step.run} → ${step.target}`;
  try {
    return await write.executeWithOptions({ summary }, [step]);
  } catch (error) {
    const stopped = wasStopped(error);
    const failure = stopped ? null : (failureOf(error) ?? errorView('internal', summary));
    const { run, target } = step;
    await CancellationScope.nonCancellable(() =>
      recordWritebackFailure.executeWithOptions({ summary }, [{ run, target, error: failure }]),
    );
    if (failure === null) throw new CancelledFailure('The write-back was cancelled.');
    return failure;
  }
}

/** Starts it beside whatever asks for it; null when it is going on already. */
export const startWriteBack = (
  input: WriteBackInput,
): Promise<ChildWorkflowHandle<typeof writeBack> | null> =>
  startBeside(() =>
    startChild(writeBack, {
      workflowId: writebackWorkflowId(input.installation, input.run),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `run ${input.run}`,
      args: [input],
    }),
  );
