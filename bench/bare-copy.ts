import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { MODEL } from './sample-users.ts';

/** Seconds that `COPY (model) TO STDOUT` takes when nobody does anything with the rows. */
export async function bareCopy(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const started = performance.now();
    const rows = client.query(copyTo(`copy (${MODEL}) to stdout`));
    rows.resume();
    await new Promise((resolve, reject) => rows.once('end', resolve).once('error', reject));
    return (performance.now() - started) / 1000;
  } finally {
    await client.end();
  }
}
