import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowStatement, SnowflakeError } from 'snowflake-sdk';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { loadClient } from './client.ts';
import type { RowType } from './columns.ts';
import { connectOptions } from './connect-options.ts';
import { numberOf, snowflakeError } from './errors.ts';
import { pinSettings } from './settings.ts';

const GOODBYE_MS = 5_000;
/** The client tries again for hours where a server does not answer. Then an attempt of the run is to end, which says so. */
const PATIENCE_MS = 300_000;

export type Row = Readonly<Record<string, unknown>>;

export interface Session {
  /** A short statement of ours, with its rows. */
  run(sql: string): Promise<Row[]>;
  /** Compiles a statement and runs nothing. */
  describe(sql: string): Promise<RowType[]>;
  /** Starts a query that goes on without this session, and gives its id. */
  submit(sql: string): Promise<string>;
  /** What requests of ours carry. Not to be kept: it changes. */
  token(): string;
  /** Gets a new token, by a new login where need be. */
  renew(): Promise<void>;
  /** @param queriesGoOn leaves the session to end by itself: Snowflake ends the queries of one that is logged out */
  end(queriesGoOn: boolean): Promise<void>;
}

/** Logged in, with every setting pinned. Errors are those of the client. */
export async function openSession(
  name: string,
  connection: ResolvedSnowflakeConnection,
  url: string,
  patienceMs = PATIENCE_MS,
): Promise<Session> {
  const execute = (on: Connection, sqlText: string, options?: Kind): Promise<Executed> =>
    answered(name, patienceMs, started(on, sqlText, options));
  const login = async (): Promise<Connection> => {
    const client = await loadClient();
    const opened = client.createConnection(connectOptions(name, connection, url));
    // What connectAsync returns does not wait for the answer: its callback does.
    const connected = new Promise<void>((resolve, reject) => {
      opened.connectAsync((error) => (error instanceof Error ? reject(error) : resolve())).catch(reject);
    });
    await answered(name, patienceMs, { done: connected });
    await pinSettings(connection, async (sql) => (await execute(opened, sql)).rows);
    return opened;
  };
  let current = await login();

  return {
    run: async (sql) => (await execute(current, sql)).rows,
    describe: async (sql) => {
      const { statement } = await execute(current, sql, { describeOnly: true });
      return (statement.getColumns() ?? []).map((column) => ({
        name: column.getName(),
        type: column.getType(),
        precision: column.getPrecision(),
        scale: column.getScale(),
      }));
    },
    async submit(sql) {
      const { statement, result } = await execute(current, sql, { asyncExec: true });
      const { queryId } = (result ?? {}) as { queryId?: unknown };
      // Of a query that failed at once the client tells nothing but the id: its result says why.
      const id: unknown = queryId ?? statement.getQueryId();
      if (typeof id === 'string') return id;
      throw new BackhaulError('source_interrupted', `connection ${name}, no query id`);
    },
    token() {
      const { services } = JSON.parse(current.serialize()) as {
        services?: { sf?: { tokenInfo?: { sessionToken?: unknown } } };
      };
      const token = services?.sf?.tokenInfo?.sessionToken;
      return typeof token === 'string' ? token : '';
    },
    async renew() {
      // The client renews a token that has run out when it is refused one, and says nothing of it.
      const stillThere = await execute(current, 'select 1').catch(() => null);
      if (stillThere !== null) return;
      try {
        current = await login();
      } catch (error) {
        // A token that worked, and is refused now, has run out; a key pair or a password does not.
        const token = connection.oauthToken ?? connection.accessToken;
        if (token === undefined || snowflakeError(name, error).code !== 'source_credentials') throw error;
        throw new BackhaulError('source_token_expired', `connection ${name}, ${numberOf(error)}`, {
          action: 'Give a new token where the connection takes it from; the read then goes on.',
          cause: error,
        });
      }
    },
    async end(queriesGoOn) {
      if (queriesGoOn) return;
      const goodbye = new Promise<void>((resolve) => current.destroy(() => resolve()));
      await Promise.race([goodbye, sleep(GOODBYE_MS, undefined, { ref: false })]);
    },
  };
}

interface Executed {
  statement: RowStatement;
  rows: Row[];
  result: unknown;
}

interface Started<T> {
  done: Promise<T>;
  /** Ends it at the server, should it have come there. */
  stop?: () => void;
}

type Kind = { describeOnly?: true; asyncExec?: true };

function started(connection: Connection, sqlText: string, options: Kind = {}): Started<Executed> {
  let statement: RowStatement | undefined;
  const done = new Promise<Executed>((resolve, reject) => {
    statement = connection.execute({
      sqlText,
      ...options,
      complete: (error: SnowflakeError | undefined, ended: unknown, result: unknown) => {
        // The client gives null where its types say undefined.
        if (error instanceof Error) reject(error);
        else {
          const rows = Array.isArray(result) ? (result as Row[]) : [];
          resolve({ statement: ended as RowStatement, rows, result });
        }
      },
    });
  });
  return { done, stop: () => statement?.cancel(() => undefined) };
}

async function answered<T>(name: string, patienceMs: number, { done, stop }: Started<T>): Promise<T> {
  const patience = new AbortController();
  const tooLong = sleep(patienceMs, undefined, { signal: patience.signal }).then(() => {
    stop?.();
    throw new BackhaulError('source_unreachable', `connection ${name}, no answer in ${patienceMs / 1000} s`);
  });
  tooLong.catch(() => undefined);
  try {
    return await Promise.race([done, tooLong]);
  } finally {
    patience.abort();
    done.catch(() => undefined);
  }
}
