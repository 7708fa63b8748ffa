import type { BigQuery } from '@google-cloud/bigquery';
import { ask } from './ask.ts';
import type { DryRun } from './dry-run.ts';

type Table = DryRun['tables'][number];

const WRITES = ['bigquery.tables.updateData', 'bigquery.tables.update', 'bigquery.tables.delete'];
const MAX_TABLES = 3;

/**
 * What the credentials could do beyond reading. BigQuery is asked about tables: those of a model, else the first that is
 * found. A model never writes; credentials that cannot are safer still.
 */
export async function writeWarnings(
  client: BigQuery,
  connection: { name: string; projectId: string; dataset: string | undefined },
  tables: readonly Table[],
): Promise<string[]> {
  const looked = tables.length > 0 ? tables.slice(0, MAX_TABLES) : await someTable(client, connection);
  for (const { projectId, datasetId, tableId } of looked) {
    const granted = await askOrNull<{ permissions?: string[] }>(client, {
      method: 'POST',
      projectId,
      uri: `/datasets/${encodeURIComponent(datasetId)}/tables/${encodeURIComponent(tableId)}:testIamPermissions`,
      json: { permissions: WRITES },
    });
    if ((granted?.permissions ?? []).length > 0) {
      return [
        `connection ${connection.name}: its account could write, as to ${projectId}.${datasetId}.${tableId}; use one that has roles/bigquery.dataViewer and roles/bigquery.jobUser only`,
      ];
    }
  }
  return [];
}

async function someTable(
  client: BigQuery,
  { projectId, dataset }: { projectId: string; dataset: string | undefined },
): Promise<Table[]> {
  const datasetId = dataset ?? (await firstDataset(client));
  if (datasetId === undefined) return [];
  const { tables } =
    (await askOrNull<{ tables?: { tableReference?: { tableId?: string } }[] }>(client, {
      uri: `/datasets/${encodeURIComponent(datasetId)}/tables`,
      qs: { maxResults: 1 },
    })) ?? {};
  const tableId = tables?.[0]?.tableReference?.tableId;
  return tableId === undefined ? [] : [{ projectId, datasetId, tableId }];
}

async function firstDataset(client: BigQuery): Promise<string | undefined> {
  const { datasets } =
    (await askOrNull<{ datasets?: { datasetReference?: { datasetId?: string } }[] }>(client, {
      uri: '/datasets',
      qs: { maxResults: 1 },
    })) ?? {};
  return datasets?.[0]?.datasetReference?.datasetId;
}

/** Null when it may not be asked: then there is nothing to warn of. */
const askOrNull = <Answer>(...asked: Parameters<typeof ask>): Promise<Answer | null> =>
  ask<Answer>(...asked).catch(() => null);
