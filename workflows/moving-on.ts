import { continueAsNew, makeContinueAsNewFunc, workflowInfo, type Workflow } from '@temporalio/workflow';

/**
 * The history has grown long, or this run is pinned to a build that is no longer the one for new runs. Both are said by the
 * server with each workflow task, and are in the history, so a replay finds the same.
 */
export const isToMoveOn = (): boolean => workflowInfo().continueAsNewSuggested || isLeftBehind();

/** Never so on a worker without Worker Versioning. */
export const isLeftBehind = (): boolean => workflowInfo().targetWorkerDeploymentVersionChanged;

/** Goes on in a new execution: on the same build, or, if another has been made current meanwhile, on that. */
export function moveOn<F extends Workflow>(...args: Parameters<F>): Promise<never> {
  if (!isLeftBehind()) return continueAsNew<F>(...args);
  return makeContinueAsNewFunc<F>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(...args);
}
