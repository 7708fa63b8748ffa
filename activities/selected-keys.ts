import type { Selection } from '../ledger/selections.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';
import { faultedKeys } from './faulted-keys.ts';

/** The keys of a selection, as spooled; one may come twice. They are read as they are asked for: there may be many. */
export async function* selectedKeys(
  dependencies: Pick<Dependencies, 'blobs' | 'ledger'>,
  selection: Selection,
): AsyncGenerator<string> {
  if (selection.kind === 'keys') yield* selection.keys.map(escapeSpool);
  else yield* faultedKeys(dependencies, selection.run, selection.outcome);
}
