import type { SourceContext } from '../../sources/source.ts';
import type { Piece } from '../../vocabulary/spool.ts';

/** The text of a spool, without its places. */
export async function readPieces(pieces: AsyncIterable<Piece>): Promise<string> {
  const buffers: Buffer[] = [];
  for await (const piece of pieces) if (!('place' in piece)) buffers.push(piece);
  return Buffer.concat(buffers).toString('utf8');
}

/** The context of a source that is read to its end. */
export const nobodyStops = (): SourceContext => ({
  signal: new AbortController().signal,
  allowedEndpoints: [],
});
