import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedDatabricksConnection } from '../../definitions/databricks-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { stopwatch } from '../../vocabulary/stopwatch.ts';
import { answers, type ChunkAnswer, type StatementAnswer } from './answers.ts';
import type { Api, ApiAnswer } from './api.ts';
import { statementError } from './errors.ts';
import type { Wrapped } from './wrapped.ts';

const STATEMENTS = '/api/2.0/sql/statements';
const FIRST_POLL_MS = 50;
/** Databricks keeps a statement alive that is polled every 15 minutes. */
const LAST_POLL_MS = 3_000;
/** For what is told to the warehouse when nobody waits for it any more. */
const FAREWELL_MS = 10_000;

export interface Statements {
  /** Throws when the warehouse does not exist, without starting one that is stopped. */
  requireWarehouse(): Promise<void>;
  /** Runs one whose answer is small, at most 25 MiB by Databricks. */
  answer(sql: string, wrapped?: Wrapped): Promise<StatementAnswer>;
  /** Starts one whose result is kept for an hour, and gives its id. */
  submit(sql: string): Promise<string>;
  /** Waits until it has succeeded. Throws `source_result_expired` when the workspace no longer knows it. */
  succeeded(id: string, wrapped?: Wrapped): Promise<StatementAnswer>;
  /** Whether the workspace still has the result. */
  isKept(id: string): Promise<boolean>;
  chunk(id: string, index: number, signal: AbortSignal): Promise<ApiAnswer<ChunkAnswer>>;
  /** From now on an abort ends it, as it ends one that was submitted here. */
  takeOver(id: string): void;
  /** An abort no longer ends it. */
  letGo(id: string): void;
  /** Cancels it when it runs, gives its result back when it has one. Never throws. */
  end(id: string): Promise<void>;
  /** What is under way for statements that an abort has ended. */
  settled(): Promise<unknown>;
}

/** The statements of a connection. An abort of `signal` ends, at the warehouse too, all that were not let go. */
export function openStatements(
  name: string,
  connection: ResolvedDatabricksConnection,
  api: Api,
  signal: AbortSignal,
): Statements {
  const where = `connection ${name}`;
  const { catalog, schema, warehouse } = connection;
  const timeoutMs = durationMs(connection.statementTimeout);
  const running = new Set<string>();
  const ending = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    ending.add(work);
    void work.catch(() => undefined).finally(() => ending.delete(work));
    return work;
  };
  const onAbort = (): void => {
    for (const id of running) void track(end(id));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new BackhaulError('run_cancelled', where));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => undefined);

  const end = async (id: string): Promise<void> => {
    running.delete(id);
    const farewell = (method: 'POST' | 'DELETE', path: string): Promise<unknown> =>
      api({
        method,
        path,
        answer: answers.anything,
        repeatable: true,
        signal: AbortSignal.timeout(FAREWELL_MS),
      }).catch(() => undefined);
    await farewell('POST', `${STATEMENTS}/${id}/cancel`);
    // Databricks' drivers close what they no longer need in the same way.
    await farewell('DELETE', `${STATEMENTS}/${id}`);
  };

  const post = async (sql: string, disposition: 'INLINE' | 'EXTERNAL_LINKS'): Promise<string> => {
    // Without the signal: whoever cut it off would not learn which statement to cancel.
    const answer = await api({
      method: 'POST',
      path: STATEMENTS,
      body: {
        warehouse_id: warehouse,
        statement: sql,
        disposition,
        format: 'JSON_ARRAY',
        wait_timeout: '0s',
        ...(catalog !== undefined && { catalog }),
        ...(schema !== undefined && { schema }),
      },
      answer: answers.statement,
      repeatable: false,
    });
    if (!('value' in answer)) throw await refused(answer);
    const id = answer.value.statement_id;
    if (signal.aborted) await end(id);
    else running.add(id);
    return id;
  };
  const submitAs = (sql: string, disposition: 'INLINE' | 'EXTERNAL_LINKS'): Promise<string> => {
    signal.throwIfAborted();
    return Promise.race([track(post(sql, disposition)), aborted]);
  };

  const warehouseState = async (): Promise<string | null> => {
    const answer = await api({
      method: 'GET',
      path: `/api/2.0/sql/warehouses/${encodeURIComponent(warehouse)}`,
      answer: answers.warehouse,
      repeatable: true,
      signal,
    });
    if ('value' in answer) return answer.value.state;
    return answer.status === 404 || answer.status === 400 ? 'MISSING' : null;
  };
  const unusableWarehouse = (state: string | null): BackhaulError | null => {
    const at = `${where}, warehouse ${warehouse}`;
    if (state === 'MISSING') return new BackhaulError('source_database_missing', at);
    if (state !== 'DELETED' && state !== 'DELETING') return null;
    return new BackhaulError('source_suspended', `${at}: ${state}`, {
      action: 'Name a warehouse that exists.',
    });
  };
  const refused = async ({
    status,
    errorCode,
  }: {
    status: number;
    errorCode: string;
  }): Promise<BackhaulError> => {
    const at = `${where}, warehouse ${warehouse}`;
    if (status === 403) {
      return new BackhaulError('source_permission', `${at}: CAN USE is missing`, {
        action: 'Have its manager open SQL Warehouses > Permissions, and give CAN USE to the principal.',
      });
    }
    const unusable = unusableWarehouse(await warehouseState());
    if (unusable !== null) return unusable;
    return new BackhaulError('source_query_failed', `${at}, HTTP ${status} ${errorCode}`.trimEnd());
  };

  const look = async (id: string): Promise<StatementAnswer> => {
    const answer = await api({
      method: 'GET',
      path: `${STATEMENTS}/${id}`,
      answer: answers.statement,
      repeatable: true,
      signal,
    });
    if ('value' in answer) return answer.value;
    if (answer.status === 403) {
      throw new BackhaulError('source_permission', `${where}: the statement is another principal's`);
    }
    throw new BackhaulError('source_result_expired', `${where}, HTTP ${answer.status}`);
  };
  const overdue = async (state: string): Promise<BackhaulError> => {
    const warehouseIs = state === 'PENDING' ? await warehouseState() : 'RUNNING';
    return warehouseIs === 'RUNNING' || warehouseIs === null
      ? new BackhaulError('source_timeout', where)
      : new BackhaulError('source_suspended', `${where}, warehouse ${warehouse}: ${warehouseIs}`, {
          action: 'See in Databricks why it does not start, or raise statementTimeout.',
        });
  };

  const succeeded = async (id: string, wrapped?: Wrapped): Promise<StatementAnswer> => {
    const elapsed = stopwatch();
    for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, LAST_POLL_MS)) {
      const statement = await look(id);
      const { state } = statement.status;
      switch (state) {
        case 'SUCCEEDED':
          return statement;
        case 'FAILED':
          running.delete(id);
          throw statementError(name, statement, wrapped);
        case 'CANCELED':
          throw new BackhaulError('source_interrupted', `${where}: the query was cancelled in Databricks`);
        case 'CLOSED':
          throw new BackhaulError('source_result_expired', where);
      }
      if (elapsed() > timeoutMs) {
        const error = await overdue(state);
        await end(id);
        throw error;
      }
      await sleep(Math.min(waitMs, timeoutMs), undefined, { signal });
    }
  };

  return {
    async requireWarehouse() {
      const unusable = unusableWarehouse(await warehouseState());
      if (unusable !== null) throw unusable;
    },
    async answer(sql, wrapped) {
      const id = await submitAs(sql, 'INLINE');
      try {
        const answered = await succeeded(id, wrapped);
        running.delete(id);
        return answered;
      } catch (error) {
        // One that failed is gone, one that was aborted is seen to.
        if (running.has(id) && !signal.aborted) void track(end(id));
        throw error;
      }
    },
    submit: (sql) => submitAs(sql, 'EXTERNAL_LINKS'),
    succeeded,
    async isKept(id) {
      try {
        return (await look(id)).status.state === 'SUCCEEDED';
      } catch (error) {
        if (error instanceof BackhaulError && error.code === 'source_result_expired') return false;
        throw error;
      }
    },
    chunk: (id, index, chunkSignal) =>
      api({
        method: 'GET',
        path: `${STATEMENTS}/${id}/result/chunks/${index}`,
        answer: answers.chunk,
        repeatable: true,
        signal: chunkSignal,
      }),
    takeOver(id) {
      if (signal.aborted) void track(end(id));
      else running.add(id);
    },
    letGo: (id) => void running.delete(id),
    end,
    async settled() {
      signal.removeEventListener('abort', onAbort);
      await Promise.allSettled([...ending]);
    },
  };
}
