import type { Piece } from '../../vocabulary/spool.ts';
import type { ResolvedModel } from '../source.ts';
import type { Field } from './columns.ts';
import type { JobMetadata } from './jobs.ts';
import type { ReadPlace } from './place.ts';
import { restPieces, type ResultOptions } from './read-pages.ts';
import type { Session } from './session.ts';

/** The result of a job behind a place, by the way that the place names. The first piece is that place. */
export async function* resultPieces(
  session: Session,
  { name: model }: ResolvedModel,
  place: ReadPlace,
  { fields, linesBefore, maxValueBytes }: { fields: Field[]; linesBefore: number; maxValueBytes: number },
): AsyncGenerator<Piece> {
  yield { place: { ...place } };
  const metadata = await session.finish({ model, linesBefore }, place);
  const ended = new AbortController();
  const signal = AbortSignal.any([session.end, ended.signal]);
  const options = { model, fields, maxValueBytes, signal };
  try {
    const read =
      place.read === 'storage'
        ? storagePieces(session, metadata, place, options)
        : restPieces(session.clientUntil(signal), place, options);
    for await (const piece of read) {
      session.requireWanted();
      yield piece;
    }
  } catch (error) {
    throw session.translate(error, { model, reading: true });
  } finally {
    ended.abort();
  }
}

async function* storagePieces(
  session: Session,
  metadata: JobMetadata,
  place: ReadPlace,
  options: ResultOptions,
): AsyncGenerator<Piece> {
  const storage = await session.openStorage();
  try {
    const { streamPieces } = await import('./read-stream.ts');
    yield* streamPieces(storage, session.auth, tableOf(metadata), place, options);
  } finally {
    await storage.close();
  }
}

/** The table that BigQuery keeps a result in. */
export function tableOf({ configuration }: JobMetadata): string {
  const { projectId = '', datasetId = '', tableId = '' } = configuration?.query?.destinationTable ?? {};
  return `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`;
}
