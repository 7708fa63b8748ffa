import { Context } from '@temporalio/activity';
import { findModel } from '../ledger/pin-definition.ts';
import { openSource } from '../sources/open.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { resolveModel, resolveWarehouse } from './resolve-ends.ts';
import { putShortLived, removeExpired } from './short-lived.ts';

/** Columns and first rows of a model, as a blob with an hour's life: rows do not travel through Temporal. */
export async function previewModel(
  dependencies: Dependencies,
  input: { model: string; limit: number },
): Promise<{ blob: string }> {
  const { allowedEndpoints, blobs, duckdb, ledger } = dependencies;
  return heartbeating(
    () => ({}),
    async () => {
      await removeExpired(blobs);
      const { model, source: definition } = await findModel(ledger.db, input.model);
      const connection = await resolveWarehouse(dependencies, model.connection, definition);
      const source = await openSource(model.connection, connection, {
        signal: Context.current().cancellationSignal,
        allowedEndpoints,
        scratch: duckdb.scratch,
      });
      try {
        const preview = await source.preview(resolveModel(input.model, model), input.limit);
        return { blob: await putShortLived(blobs, preview) };
      } finally {
        await source.close();
      }
    },
  );
}
