import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';

/** Starts what goes on by itself; null when it is going on already. */
export async function startBeside<T>(start: () => Promise<T>): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return null;
  }
}
