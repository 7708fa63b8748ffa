import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * A pool whose lost or refused connections are Backhaul's `ledger_unreachable`; what PostgreSQL says of a statement
 * comes through as it is.
 */
export function reportingPool(pool: pg.Pool): PostgresPool {
  return {
    async connect() {
      try {
        return reporting(await pool.connect());
      } catch (error) {
        throw unreachable(error);
      }
    },
    end: () => pool.end(),
  };
}

function reporting(client: pg.PoolClient): PostgresPoolClient {
  const query = client.query.bind(client) as (...statement: unknown[]) => Promise<unknown>;
  let lost = false;
  // Between two statements nothing else hears that it broke, and the process would end with it; the next statement tells.
  const onLost = (): void => {
    lost = true;
  };
  client.on('error', onLost);
  return Object.assign(Object.create(client) as PostgresPoolClient, {
    async query(...statement: unknown[]) {
      try {
        return await query(...statement);
      } catch (error) {
        if (!isLost(error)) throw error;
        lost = true;
        throw unreachable(error);
      }
    },
    // One that is lost, or still waits for an answer, is of no use to the next.
    release: () => {
      client.off('error', onLost);
      client.release(lost);
    },
  });
}

/** A connection that broke, or a server that goes down; a SQLSTATE says all else. */
function isLost(error: unknown): boolean {
  const code = codeOf(error);
  return code === '' || /^(E[A-Z]+|08\w{3}|57P0[123])$/.test(code);
}

/** Without PostgreSQL's text, which may hold values. */
const unreachable = (error: unknown): BackhaulError => {
  const code = codeOf(error);
  const where = code.startsWith('28') ? `credentials refused, ${code}` : code;
  return new BackhaulError('ledger_unreachable', where, { cause: error });
};

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};
