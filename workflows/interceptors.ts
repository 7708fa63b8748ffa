import { workflowInfo, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

interface About {
  run?: string;
  sync?: string;
}

/**
 * Run and sync on every line of a workflow's log. They only look on: they add no command and no turn, so histories of workers without
 * them replay.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let about = aboutId();
  return {
    inbound: [
      {
        execute(input, next) {
          about = { ...aboutInput(input.args[0]), ...about };
          return next(input);
        },
      },
    ],
    outbound: [{ getLogAttributes: (attributes, next) => next({ ...attributes, ...about }) }],
  };
};

/** Names of an installation and of a sync have no slash. */
function aboutId(): About {
  const { firstExecutionRunId, workflowId } = workflowInfo();
  const [, what, name] = /^(?:[^/]+\/)?(sync|after)\/([^/]+)$/.exec(workflowId) ?? [];
  if (name === undefined) return {};
  return what === 'sync' ? { run: firstExecutionRunId, sync: name } : { run: name };
}

function aboutInput(input: unknown): About {
  if (typeof input !== 'object' || input === null) return {};
  const about: About = {};
  if ('run' in input && typeof input.run === 'string') about.run = input.run;
  if ('sync' in input && typeof input.sync === 'string') about.sync = input.sync;
  return about;
}
