import type { Response } from 'undici';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { linesOf } from '../../vocabulary/lines.ts';
import { problemError } from './http.ts';

/** The rows of an NDJSON answer, one at a time; returns what its end line says. @throws what broke it off */
export async function* readRows<Row extends object, End>(answer: Response): AsyncGenerator<Row, End> {
  if (answer.body === null) throw new BackhaulError('api_answer_unknown', 'an answer without rows');
  try {
    for await (const line of linesOf(answer.body as AsyncIterable<Uint8Array>)) {
      const read = JSON.parse(line) as Row & { end?: End; error?: object };
      if (isLast(read, 'end')) return read.end as End;
      if (isLast(read, 'error')) throw problemError(read.error) ?? new BackhaulError('api_answer_unknown');
      yield read as Awaited<Row>;
    }
  } catch (error) {
    if (error instanceof BackhaulError) throw error;
    throw new BackhaulError('api_unreachable', 'the rows broke off', { cause: error });
  }
  // An answer that was cut ends as quietly as a whole one.
  throw new BackhaulError('api_unreachable', 'the rows broke off');
}

const isLast = (read: object, name: string): boolean => Object.keys(read).join() === name;
