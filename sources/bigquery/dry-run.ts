import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { requireOwnNames } from '../choose-columns.ts';
import { fieldOf, type Field, type SchemaField } from './columns.ts';

/** What BigQuery says of a query without running it; it costs nothing. */
export interface DryRun {
  fields: Field[];
  /** Where the query would run. */
  location: string | undefined;
  bytes: bigint;
  tables: { projectId: string; datasetId: string; tableId: string }[];
  /** Functions that are not BigQuery's own. */
  routines: { projectId: string; datasetId: string; routineId: string }[];
}

interface DryRunAnswer {
  jobReference?: { location?: string };
  statistics?: {
    totalBytesProcessed?: string;
    query?: {
      statementType?: string;
      schema?: { fields?: SchemaField[] };
      totalBytesProcessed?: string;
      referencedTables?: { projectId?: string; datasetId?: string; tableId?: string }[];
      referencedRoutines?: { projectId?: string; datasetId?: string; routineId?: string }[];
    };
  };
}

/** How a query is to run, of what the connection says. */
export const querySettings = ({
  projectId,
  dataset,
  priority,
  maximumBytesBilled,
}: ResolvedBigQueryConnection) => ({
  priority: priority.toUpperCase(),
  ...(dataset !== undefined && { defaultDataset: { projectId, datasetId: dataset } }),
  ...(maximumBytesBilled !== undefined && { maximumBytesBilled: String(maximumBytesBilled) }),
});

/**
 * Whether a query is one SELECT, what it returns and how many bytes it reads.
 *
 * @throws BackhaulError not_a_select, source_cost_limit, duplicate_column; and what BigQuery refuses
 */
export async function dryRun(
  client: BigQuery,
  connection: ResolvedBigQueryConnection,
  { name, sql }: { name: string; sql: string },
): Promise<DryRun> {
  if (sql.trim() === '') throw new BackhaulError('not_a_select', `model ${name}: there is no statement`);
  const { location, maximumBytesBilled } = connection;
  const [, answer] = await client.createQueryJob({
    query: sql,
    dryRun: true,
    ...(location !== undefined && { location }),
    ...querySettings(connection),
  });
  const { jobReference, statistics } = answer as DryRunAnswer;
  const {
    statementType,
    schema,
    totalBytesProcessed,
    referencedTables = [],
    referencedRoutines = [],
  } = statistics?.query ?? {};
  if (statementType !== 'SELECT') {
    throw new BackhaulError(
      'not_a_select',
      `model ${name}: BigQuery calls it ${statementType ?? 'a script'}`,
    );
  }
  const bytes = BigInt(totalBytesProcessed ?? statistics?.totalBytesProcessed ?? '0');
  if (maximumBytesBilled !== undefined && bytes > BigInt(maximumBytesBilled)) {
    throw new BackhaulError(
      'source_cost_limit',
      `model ${name} would read ${bytes} bytes, maximumBytesBilled is ${maximumBytesBilled}`,
    );
  }
  const fields = (schema?.fields ?? []).map(fieldOf);
  requireOwnNames(
    name,
    fields.map((field) => field.name),
  );
  return {
    fields,
    location: jobReference?.location ?? location,
    bytes,
    tables: referencedTables.map(({ projectId = connection.projectId, datasetId = '', tableId = '' }) => ({
      projectId,
      datasetId,
      tableId,
    })),
    routines: referencedRoutines.map(
      ({ projectId = connection.projectId, datasetId = '', routineId = '' }) => ({
        projectId,
        datasetId,
        routineId,
      }),
    ),
  };
}
