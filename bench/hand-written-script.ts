/**
 * What a user would write without this product: a cursor over the model, `identify` for each row, a flush for each
 * chunk so that memory stays bounded. Arguments: database URL, tracking URL.
 *
 * @module
 */
import { Analytics } from '@segment/analytics-node';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { MODEL } from './sample-users.ts';
import { tell } from './tell.ts';

const [databaseUrl = '', host = ''] = process.argv.slice(2);
const CHUNK_ROWS = 1000;
/** As many as stay below Segment's 500 KB; the library's default of 15 would be far slower. */
const FLUSH_AT = 500;

interface UserRow {
  user_id: string;
  [column: string]: unknown;
}

const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
const analytics = new Analytics({ writeKey: 'bench'.padEnd(32, '0'), host, flushAt: FLUSH_AT });
let failed = 0;
analytics.on('error', () => (failed += 1));

const started = performance.now();
const cursor = client.query(new Cursor<UserRow>(MODEL));
let rows = 0;
for (let chunk = await cursor.read(CHUNK_ROWS); chunk.length > 0; chunk = await cursor.read(CHUNK_ROWS)) {
  for (const { user_id: userId, ...traits } of chunk) analytics.identify({ userId, traits });
  await analytics.flush();
  rows += chunk.length;
}
await analytics.closeAndFlush();
const seconds = (performance.now() - started) / 1000;
await client.end();
tell({ rows, failed, seconds, peakMb: process.resourceUsage().maxRSS / 1024 });
