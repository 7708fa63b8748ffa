import { invalidOf, invalidRowsName, mappedPages, type MappedPage } from '../ledger/pages.ts';
import { postsOfPage } from '../ledger/posts.ts';
import { readRun } from '../ledger/runs.ts';
import type { RetriedOutcome } from '../vocabulary/row-outcomes.ts';
import { verdicts } from '../ledger/verdict.ts';
import { linesOf } from '../vocabulary/lines.ts';
import { blobName } from '../vocabulary/ids.ts';
import { spooledKeys } from '../vocabulary/page-index.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';

type Reading = Pick<Dependencies, 'blobs' | 'ledger'>;

/** The keys, as spooled, of what Segment refused in a run or of what was invalid in it. Rows without a key have none. */
export async function* faultedKeys(
  dependencies: Reading,
  run: string,
  outcome: RetriedOutcome,
): AsyncGenerator<string> {
  const { blobs, ledger } = dependencies;
  if (outcome === 'invalid') {
    const { plan } = await readRun(ledger.db, run);
    if (plan?.invalid != null) yield* linesOf(blobs.read(plan.invalid));
  }
  for (const page of await mappedPages(ledger.db, run)) {
    yield* outcome === 'rejected' ? rejectedKeys(dependencies, run, page) : invalidKeys(dependencies, page);
  }
}

async function* rejectedKeys(
  { blobs, ledger }: Reading,
  run: string,
  page: MappedPage,
): AsyncGenerator<string> {
  const ranges = verdicts(await postsOfPage(ledger.db, run, page.page), page.messages).filter(
    ({ refused }) => refused,
  );
  if (ranges.length === 0) return;
  const keys = spooledKeys(await blobs.get(blobName(page.index)));
  for (const { first, beyond } of ranges) yield* keys.slice(first, beyond);
}

async function* invalidKeys({ blobs }: Reading, page: MappedPage): AsyncGenerator<string> {
  if (invalidOf(page) === 0) return;
  for await (const line of linesOf(blobs.read(invalidRowsName(page)))) {
    yield escapeSpool((JSON.parse(line) as { key: string }).key);
  }
}
