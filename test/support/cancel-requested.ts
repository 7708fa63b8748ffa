import type { TestInstallation } from './installation.ts';
import { until } from './until.ts';

/** Resolves once Temporal knows that the run of a sync is to be cancelled; the command may take its time to start. */
export const cancelRequested = ({ env, temporal }: TestInstallation, sync: string): Promise<true> =>
  until(async () => {
    const workflow = temporal.workflow.getHandle(`${env.BACKHAUL_INSTALLATION}/sync/${sync}`);
    const { events } = await workflow.fetchHistory();
    return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
  }, 120_000);
