import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { LogLevel as OwnLevel } from '../../definitions/installation-environment.ts';

/** Of no use to a reader, or known by another name; `taskToken` is what an activity is answered with. */
const LEFT_OUT = new Set(['taskToken', 'isLocal', 'namespace', 'taskQueue']);

const levels = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, OwnLevel>;

/** The SDK's part that tells when an activity begins and ends, which the steps' own lines tell with run and sync. */
const isTwice = ({ activityId, sdkComponent }: Record<string, unknown>): boolean =>
  activityId !== undefined && sdkComponent === 'worker';

/** What Temporal's SDK and its core have to say goes into the log of the process. */
export const temporalLogger = (log: Logger, level: OwnLevel): DefaultLogger =>
  new DefaultLogger(level.toUpperCase() as Uppercase<OwnLevel>, ({ level: said, message, meta = {} }) => {
    if (isTwice(meta)) return;
    const { runId, ...rest } = meta;
    const fields = Object.entries(rest).filter(([name]) => !LEFT_OUT.has(name) && !name.startsWith('sdk'));
    log[levels[said]](
      { ...Object.fromEntries(fields), ...(runId !== undefined && { workflowRunId: runId }) },
      message,
    );
  });
