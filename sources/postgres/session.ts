import type pg from 'pg';
import type { ResolvedPostgresConnection } from '../../definitions/postgres-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { connect } from './connect.ts';

/** All that shapes the text of a value, and how soon a query ends whose reader is gone. */
const CANONICAL = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  client_connection_check_interval: '5s',
};

/**
 * A session in a read-only transaction that sees one moment of the database, with all that shapes a value's text
 * pinned, so that the same value has the same fingerprint whoever reads it.
 */
export async function openSession(connection: ResolvedPostgresConnection): Promise<pg.Client> {
  const session = await connect(connection, 'prefer');
  // A connection that breaks is reported by the query under way.
  session.on('error', () => undefined);
  const { searchPath } = connection;
  try {
    await session.query('begin isolation level repeatable read read only');
    const pinned = {
      ...CANONICAL,
      statement_timeout: String(durationMs(connection.statementTimeout)),
      ...(searchPath === undefined ? {} : { search_path: searchPath }),
    };
    // A setting that this version of PostgreSQL does not have is left out.
    await session.query(
      `select set_config(pin.name, value, true) from unnest($1::text[], $2::text[]) as pin (name, value)
       where exists (select 1 from pg_settings where lower(pg_settings.name) = lower(pin.name))`,
      [Object.keys(pinned), Object.values(pinned)],
    );
    return session;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}
