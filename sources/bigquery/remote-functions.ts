import type { BigQuery } from '@google-cloud/bigquery';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { ask } from './ask.ts';
import type { DryRun } from './dry-run.ts';
import { failureOf } from './failure.ts';

/**
 * Refuses a query that calls a remote function: BigQuery hands the rows to an endpoint outside, which may do anything with
 * them. A routine that may not be looked at is left to the grants: what may not be looked at may not be called either,
 * unless a view calls it.
 *
 * @throws BackhaulError not_a_select
 */
export async function refuseRemoteFunctions(
  client: BigQuery,
  model: string,
  routines: DryRun['routines'],
): Promise<void> {
  for (const { projectId, datasetId, routineId } of routines) {
    const uri = `/datasets/${encodeURIComponent(datasetId)}/routines/${encodeURIComponent(routineId)}`;
    const routine = await ask<Routine>(client, { projectId, uri }).catch((error: unknown) => {
      const status = failureOf(error)?.status;
      if (status === 403 || status === 404) return null;
      throw error;
    });
    if (routine?.remoteFunctionOptions !== undefined) {
      throw new BackhaulError(
        'not_a_select',
        `model ${model} calls the remote function ${projectId}.${datasetId}.${routineId}`,
      );
    }
  }
}

/** https://cloud.google.com/bigquery/docs/reference/rest/v2/routines#Routine */
interface Routine {
  remoteFunctionOptions?: object;
}
