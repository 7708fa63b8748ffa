import { sql } from 'kysely';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { LedgerDatabase } from './connect.ts';

export interface MappedPage {
  page: number;
  batches: string;
  index: string;
  messages: number;
  batch_count: number;
  /** Rows that the mapping found invalid, by what the plan took them for. */
  invalid_added: number;
  invalid_changed: number;
  invalid_unchanged: number;
}

/** Rows of a page that the mapping found invalid. */
export const invalidOf = (page: MappedPage): number =>
  page.invalid_added + page.invalid_changed + page.invalid_unchanged;

/** Where they are at rest, a JSON object a line: beside the batches. Not there when there are none. */
export const invalidRowsName = ({ batches }: MappedPage): BlobName =>
  blobName(batches.slice(0, batches.lastIndexOf('/')), 'invalid');

const mappedColumns = [
  'page',
  'batches',
  'index',
  'messages',
  'batch_count',
  'invalid_added',
  'invalid_changed',
  'invalid_unchanged',
] as const;

/**
 * Writes what `map` made of a page. When an earlier attempt wrote it already that one stands, so that batches under
 * way and the index that explains them stay one pair.
 *
 * @returns the page as it stands
 */
export async function writeMappedPage(
  db: LedgerDatabase,
  run: string,
  page: MappedPage,
): Promise<MappedPage> {
  await db
    .insertInto('pages')
    .values({ run_id: run, ...page, recorded_at: null })
    .onConflict((conflict) => conflict.columns(['run_id', 'page']).doNothing())
    .execute();
  return (await readMappedPage(db, run, page.page)) ?? page;
}

export async function readMappedPage(
  db: LedgerDatabase,
  run: string,
  page: number,
): Promise<MappedPage | undefined> {
  return db
    .selectFrom('pages')
    .select(mappedColumns)
    .where('run_id', '=', run)
    .where('page', '=', page)
    .executeTakeFirst();
}

/** All mapped pages of a run, by number. */
export async function mappedPages(db: LedgerDatabase, run: string): Promise<MappedPage[]> {
  return db.selectFrom('pages').select(mappedColumns).where('run_id', '=', run).orderBy('page').execute();
}

export interface PageCounts {
  accepted: number;
  rejected: number;
  requests: number;
}

export async function recordPage(
  db: LedgerDatabase,
  run: string,
  page: number,
  counts: PageCounts,
): Promise<void> {
  await db
    .updateTable('pages')
    .set({ ...counts, recorded_at: sql<string>`clock_timestamp()` })
    .where('run_id', '=', run)
    .where('page', '=', page)
    .execute();
}

/** POSTs that left for Segment, of a page or of a whole run. */
export async function countRequests(db: LedgerDatabase, run: string, page?: number): Promise<number> {
  let query = db
    .selectFrom('posts')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('run_id', '=', run)
    .where((where) => where.or([where('outcome', 'is', null), where('outcome', '<>', 'not_sent')]));
  if (page !== undefined) query = query.where('page', '=', page);
  return Number((await query.executeTakeFirst())?.count ?? 0);
}
