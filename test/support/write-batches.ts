import { batchesWriter, type Range } from '../../vocabulary/batches-at-rest.ts';

/** Messages as `map` brings them to rest. */
export function writeBatches(messages: readonly string[], batches: readonly Range[]): Buffer {
  const writer = batchesWriter();
  for (const message of messages) writer.add(message, Buffer.byteLength(message));
  return writer.finish(batches);
}
