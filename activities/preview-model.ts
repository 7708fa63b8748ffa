import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Blobs } from '../blobs/blobs.ts';
import { findModel } from '../ledger/pin-definition.ts';
import { openSource } from '../sources/open.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { resolveModel, resolveWarehouse } from './resolve-ends.ts';

const PREVIEW_LIFE_MS = 60 * 60 * 1000;
const FOLDER = blobName('previews');

/** Columns and first rows of a model, as a blob with an hour's life: rows do not travel through Temporal. */
export async function previewModel(
  { allowedEndpoints, blobs, duckdb, env, ledger }: Dependencies,
  input: { model: string; limit: number },
): Promise<{ blob: string }> {
  return heartbeating(
    () => ({}),
    async () => {
      await removeExpired(blobs);
      const { model, source: definition } = await findModel(ledger.db, input.model);
      const connection = resolveWarehouse(model.connection, definition, env);
      const source = await openSource(model.connection, connection, {
        signal: Context.current().cancellationSignal,
        allowedEndpoints,
        scratch: duckdb.scratch,
      });
      try {
        const preview = await source.preview(resolveModel(input.model, model), input.limit);
        const blob = blobName(FOLDER, `${Date.now() + PREVIEW_LIFE_MS}-${randomUUID()}`);
        await blobs.put(blob, JSON.stringify(preview));
        return { blob };
      } finally {
        await source.close();
      }
    },
  );
}

/** The name of a preview says when it ends. */
async function removeExpired(blobs: Blobs): Promise<void> {
  for (const blob of await blobs.list(FOLDER)) {
    const expiresAt = Number(blob.slice(FOLDER.length + 1).split('-')[0]);
    if (expiresAt < Date.now()) await blobs.remove(blob);
  }
}
