import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowStatement, SnowflakeError } from 'snowflake-sdk';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { loadClient } from './client.ts';
import type { RowType } from './columns.ts';
import { connectOptions } from './connect-options.ts';
import { numberOf } from './errors.ts';
import { sessionSettings } from './settings.ts';

const GOODBYE_MS = 5_000;
/** A token that worked, and is refused now, has run out. */
const REFUSED_TOKEN = new Set(['390303', '390318', '390195']);

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
): Promise<Session> {
  const login = async (): Promise<Connection> => {
    const client = await loadClient();
    const opened = client.createConnection(connectOptions(name, connection, url));
    // What connectAsync returns does not wait for the answer: its callback does.
    await new Promise<void>((resolve, reject) => {
      opened.connectAsync((error) => (error instanceof Error ? reject(error) : resolve())).catch(reject);
    });
    for (const statement of sessionSettings(connection)) await execute(opened, statement);
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
        if (!REFUSED_TOKEN.has(numberOf(error))) throw error;
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

function execute(
  connection: Connection,
  sqlText: string,
  options: { describeOnly?: true; asyncExec?: true } = {},
): Promise<Executed> {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      ...options,
      complete: (error: SnowflakeError | undefined, statement: unknown, result: unknown) => {
        // The client gives null where its types say undefined.
        if (error instanceof Error) reject(error);
        else {
          const rows = Array.isArray(result) ? (result as Row[]) : [];
          resolve({ statement: statement as RowStatement, rows, result });
        }
      },
    });
  });
}
