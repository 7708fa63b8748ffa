import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  GetStatementResultV2Command,
  RedshiftDataClient,
  type ColumnMetadata,
  type DescribeStatementCommandOutput,
} from '@aws-sdk/client-redshift-data';
import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Wrapped } from '../postgres/errors.ts';
import { awsError } from './aws-errors.ts';
import type { AwsSettings } from './aws.ts';
import { statementError } from './errors.ts';
import { pinnedSettings } from './settings.ts';

const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 5000;
/** The server ends a query by statement_timeout; this much later it is given up here, where it waits in a queue. */
const TIMEOUT_GRACE_MS = 60_000;
/** So many dead statements of one read are passed over. */
const MAX_ATTEMPTS = 50;

export interface ResultPage {
  csv: string;
  columns: readonly ColumnMetadata[];
  total: number | null;
  next: string | null;
}

/** Statements of the Redshift Data API, which keeps each with its result for 24 hours. */
export interface DataApi {
  /** Runs a query anew. Gives the id of its statement. */
  submit(sql: string): Promise<string>;
  /** The same, or finds the statement that an earlier attempt of the read has begun. */
  submitOnce(sql: string, readId: string): Promise<string>;
  /** Waits until a statement is done. */
  finish(statement: string, wrapped?: Wrapped): Promise<void>;
  page(statement: string, next: string | null): Promise<ResultPage>;
  /** Never throws: it may have ended by itself. */
  cancel(statement: string): Promise<void>;
  close(): Promise<void>;
}

export function openDataApi(options: {
  name: string;
  connection: ResolvedRedshiftConnection;
  settings: AwsSettings;
  signal: AbortSignal;
  stopped(): BackhaulError;
}): DataApi {
  const { connection, name, settings, signal, stopped } = options;
  const { clusterIdentifier, database, secretArn, user, workgroup } = connection;
  const client = new RedshiftDataClient(settings);
  const pinned = pinnedSettings(connection);
  const timeoutMs = durationMs(connection.statementTimeout) + TIMEOUT_GRACE_MS;
  const cancelling = new Set<Promise<void>>();
  const target = {
    Database: database,
    ...(workgroup === undefined ? { ClusterIdentifier: clusterIdentifier } : { WorkgroupName: workgroup }),
    ...(secretArn !== undefined && { SecretArn: secretArn }),
    ...(secretArn === undefined && workgroup === undefined && user !== undefined && { DbUser: user }),
  };
  const calling = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted && operation !== 'CancelStatement') throw stopped();
      const call = {
        connection: name,
        action: `redshift-data:${operation}`,
        fixedKeys: connection.accessKeyId !== undefined,
      };
      throw awsError(call, error);
    }
  };
  const cancel = async (statement: string): Promise<void> => {
    await client.send(new CancelStatementCommand({ Id: statement })).catch(() => undefined);
  };
  const cancelled = async (statement: string): Promise<BackhaulError> => {
    const ending = cancel(statement);
    cancelling.add(ending);
    await ending;
    return stopped();
  };

  /** All in one transaction, so that the settings hold for the query. */
  const submit = (sql: string, token?: string): Promise<string> =>
    calling('BatchExecuteStatement', async () => {
      if (signal.aborted) throw stopped();
      // Without the signal: a statement whose id never arrives could not be cancelled.
      const { Id = '' } = await client.send(
        new BatchExecuteStatementCommand({
          ...target,
          Sqls: [...pinned, sql],
          ResultFormat: 'CSV',
          StatementName: 'backhaul',
          ...(token !== undefined && { ClientToken: token }),
        }),
      );
      if (signal.aborted) throw await cancelled(Id);
      return Id;
    });
  const look = (statement: string): Promise<DescribeStatementCommandOutput> =>
    calling('DescribeStatement', () =>
      client.send(new DescribeStatementCommand({ Id: statement }), { abortSignal: signal }),
    );

  return {
    submit,
    async submitOnce(sql, readId) {
      let token = digest(readId, sql, JSON.stringify(target));
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const statement = await submit(sql, token);
        if (!(await isDead(() => look(statement)))) return statement;
        // The token stands for a statement that an earlier attempt has lost. All who find it dead agree on the next.
        token = digest(token, statement);
      }
      return submit(sql);
    },
    async finish(statement, wrapped) {
      const deadline = Date.now() + timeoutMs;
      for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 1.5, LAST_POLL_MS)) {
        const state = await look(statement).catch(async (error: unknown) => {
          throw signal.aborted ? await cancelled(statement) : error;
        });
        if (state.Status === 'FINISHED') return;
        if (state.Status === 'FAILED') throw statementError(name, failureOf(state), wrapped);
        if (state.Status === 'ABORTED') {
          throw new BackhaulError('source_result_expired', `connection ${name}, the statement was cancelled`);
        }
        if (Date.now() > deadline) {
          await cancel(statement);
          throw new BackhaulError('source_timeout', `connection ${name}`);
        }
        await sleep(wait, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) throw await cancelled(statement);
      }
    },
    page: (statement, next) =>
      calling('GetStatementResultV2', async () => {
        const result = await client.send(
          new GetStatementResultV2Command({
            Id: `${statement}:${pinned.length + 1}`,
            ...(next !== null && { NextToken: next }),
          }),
          { abortSignal: signal },
        );
        return {
          csv: (result.Records ?? []).map(({ CSVRecords = '' }) => CSVRecords).join(''),
          columns: result.ColumnMetadata ?? [],
          total: result.TotalNumRows ?? null,
          next: result.NextToken === '' ? null : (result.NextToken ?? null),
        };
      }),
    cancel,
    close: async () => {
      await Promise.all(cancelling);
      client.destroy();
    },
  };
}

/** At most 64 characters, as a ClientToken may have. */
const digest = (...parts: string[]): string => createHash('sha256').update(parts.join('\0')).digest('hex');

/** Whether nothing will come of a statement although running it again may help. */
async function isDead(look: () => Promise<DescribeStatementCommandOutput>): Promise<boolean> {
  try {
    const state = await look();
    if (state.Status !== 'FAILED') return state.Status === 'ABORTED';
    return statementError('', failureOf(state)).entry.retryable;
  } catch (error) {
    if (error instanceof BackhaulError && error.code === 'source_result_expired') return true;
    throw error;
  }
}

const failureOf = ({ Error: message, SubStatements }: DescribeStatementCommandOutput): string =>
  SubStatements?.find(({ Status }) => Status === 'FAILED')?.Error ?? message ?? '';
