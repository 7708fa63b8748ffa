import type { WorkerOptions } from '@temporalio/worker';
import type { WorkerSettings } from '../definitions/worker-environment.ts';

/**
 * Worker Versioning, when the environment names a build. Runs are pinned: each ends on the build that began it, or moves to
 * the current one where it continues as new (workflows/moving-on.ts).
 *
 * The behaviour stands here and not in the workflows: with one of its own, a workflow fails on a worker without versioning.
 */
export const versioningOf = ({
  deployment,
}: WorkerSettings): Pick<WorkerOptions, 'workerDeploymentOptions'> =>
  deployment === null
    ? {}
    : {
        workerDeploymentOptions: {
          version: deployment,
          useWorkerVersioning: true,
          defaultVersioningBehavior: 'PINNED',
        },
      };
