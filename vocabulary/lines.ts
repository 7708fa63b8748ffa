import { StringDecoder } from 'node:string_decoder';

/** The lines of a text that comes in pieces, without their newlines; empty ones are passed over. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))).split(
      '\n',
    );
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
