import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Metrics } from '../../telemetry/metrics.ts';
import { addToSpan } from '../../telemetry/span.ts';
import { aboutOf, type About } from './about.ts';
import { tellOutcome } from './step-outcome.ts';

export interface Observing {
  installation: string;
  metrics: Metrics;
  /** The sync of a run whose activity does not name it; undefined when it cannot be told now. */
  syncOf(run: string): Promise<string | undefined>;
}

type Ended = 'done' | 'failed' | 'retried' | 'cancelled';

/** Binds run, sync and page to every line of an activity and to its span, and tells and counts what came of it. */
export const observeSteps =
  ({ installation, metrics, syncOf }: Observing): ActivityInterceptorsFactory =>
  (context) => {
    let about: About = {};
    return {
      inbound: {
        async execute(input, next) {
          about = await whole(context, input.args[0], { installation, syncOf });
          const { run, sync = '', page } = about;
          addToSpan({
            ...(sync !== '' && { 'backhaul.sync': sync }),
            ...(run !== undefined && { 'backhaul.run': run }),
            ...(page !== undefined && { 'backhaul.page': page }),
          });
          const { info, log } = context;
          const step = info.activityType;
          const began = performance.now();
          const seconds = (): number => (performance.now() - began) / 1000;
          const end = (outcome: Ended): void => {
            metrics('backhaul_step_duration_seconds', seconds(), { step, outcome });
            log.debug(`${step}: ${outcome}`, { seconds: seconds() });
          };
          log.debug(`${step}: begins`);
          let result: unknown;
          try {
            result = await next(input);
          } catch (error) {
            if (error instanceof CancelledFailure) end('cancelled');
            else if (isFinal(error)) {
              log.warn(`${step} failed`, { code: codeOf(error) });
              end('failed');
            } else {
              log.warn(`${step} failed and is tried again`, { code: codeOf(error) });
              metrics('backhaul_step_retries', 1, { step, code: codeOf(error) });
              end('retried');
            }
            throw error;
          }
          end('done');
          const outcome = tellOutcome(step, sync, result, metrics);
          if (outcome !== null) log.info(outcome.message, outcome.fields);
          return result;
        },
      },
      outbound: { getLogAttributes: (attributes, next) => next({ ...attributes, ...about }) },
    };
  };

async function whole(
  { info }: Context,
  input: unknown,
  { installation, syncOf }: Omit<Observing, 'metrics'>,
): Promise<About> {
  const about = aboutOf({ installation, workflowId: info.workflowExecution?.workflowId, input });
  if (about.run === undefined || about.sync !== undefined) return about;
  const sync = await syncOf(about.run);
  return sync === undefined ? about : { ...about, sync };
}

const isFinal = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.nonRetryable === true;

const codeOf = (error: unknown): string =>
  error instanceof ApplicationFailure ? (error.type ?? 'internal') : 'internal';
