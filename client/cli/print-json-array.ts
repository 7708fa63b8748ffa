import type { CliIo } from './io.ts';

/** One JSON array, an item a line: whatever their number, they are not held in memory. */
export async function printJsonArray(io: CliIo, items: AsyncIterable<unknown>): Promise<void> {
  let first = true;
  io.out('[');
  for await (const item of items) {
    io.out(`${first ? ' ' : ','}${JSON.stringify(item)}`);
    first = false;
    await io.taken?.();
  }
  io.out(']');
}
