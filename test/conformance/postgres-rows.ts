import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { spoolLine } from '../../sources/spool-line.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS, canonicalText, standardRows } from './standard-rows.ts';

/** A table `users` with the standard rows, in a server that speaks PostgreSQL's protocol. */
export async function loadStandardRows(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create table users (
      id bigint primary key, email text not null, logins int, score numeric(12, 2), ratio double precision,
      active boolean, seen_at timestamptz, born date, note text)`);
    // Without a time zone in its text, a time means that of the session.
    await client.query("set timezone = 'UTC'");
    await pipeline(Readable.from(lines()), client.query(copyFrom('copy users from stdin')));
  } finally {
    await client.end();
  }
}

function* lines(): Generator<string> {
  for (const row of standardRows()) {
    yield spoolLine(
      STANDARD_COLUMNS.map((column) => canonicalText(column, row, STANDARD_KINDS[column])),
      MAX_VALUE_BYTES,
    );
  }
}
