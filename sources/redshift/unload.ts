import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece, Place } from '../../vocabulary/spool.ts';
import type { RedshiftColumn } from './columns.ts';
import { csvReader } from './csv.ts';
import type { Query } from './query.ts';
import { ask } from './session.ts';
import { FILES, type UnloadedFiles } from './unloaded-files.ts';

/** A worker that takes over begins with a whole file, so files stay small; S3 takes each as one request. */
const MAX_FILE_MB = 64;

/** Where the files of a read are, and how many of them are done. */
interface UnloadPlace {
  folder: string;
  files: number;
}

export function unloadPlaceOf(place: Place, unloadTo: string): UnloadPlace | null {
  const { files, folder } = place;
  if (typeof folder !== 'string' || typeof files !== 'number') return null;
  // A connection that points elsewhere by now must not delete there what a place of old names.
  return folder.startsWith(unloadTo) && folder.endsWith('/') ? { folder, files } : null;
}

/** Each attempt has a folder of its own: an earlier one may still be writing to its own. */
export const newFolder = (unloadTo: string, readId: string): string =>
  `${unloadTo.replace(/\/$/, '')}/${readId}-${randomBytes(6).toString('hex')}/`;

/** The statement; Redshift reads a backslash in a literal as an escape. */
export function unloadStatement(
  query: Query,
  folder: string,
  role: string,
  region: string | undefined,
): string {
  const select = query.text.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return [
    `unload ('${select}') to '${folder}${FILES}'`,
    role === 'default' ? 'iam_role default' : `iam_role '${role}'`,
    `format as csv gzip manifest verbose maxfilesize ${MAX_FILE_MB} mb`,
    ...(region === undefined ? [] : [`region '${region}'`]),
  ].join(' ');
}

/**
 * The rows of an UNLOAD, file by file; a place stands behind each. Without a manifest the UNLOAD of an earlier worker died
 * with that worker, or has been cleared away.
 */
export async function* readUnloaded(options: {
  files: UnloadedFiles;
  from: UnloadPlace;
  columns: readonly RedshiftColumn[];
  /** Runs the UNLOAD first; null when it ran already. */
  unload: (() => Promise<void>) | null;
  where: string;
}): AsyncGenerator<Piece> {
  const { columns, files, from, unload, where } = options;
  const { folder } = from;
  if (unload !== null) {
    yield { place: { folder, files: 0 } };
    await unload();
  }
  const written = await files.list(folder);
  if (written === null) {
    // An UNLOAD of no rows may write nothing at all.
    if (unload !== null) return;
    await files.remove(folder);
    throw new BackhaulError('source_result_expired', `${where}, no manifest in the folder of the UNLOAD`);
  }
  for (const [position, file] of written.entries()) {
    if (position < from.files) continue;
    const csv = csvReader(columns);
    for await (const text of files.read(file)) {
      const lines = csv.read(text);
      if (lines !== '') yield Buffer.from(lines, 'utf8');
    }
    const last = csv.end();
    if (last !== '') yield Buffer.from(last, 'utf8');
    if (file.rows !== null && file.rows !== csv.rows()) {
      throw new BackhaulError(
        'source_partial_result',
        `${where}, ${csv.rows()} of ${file.rows} rows of a file`,
      );
    }
    yield { place: { folder, files: position + 1 } };
  }
}

/** UNLOAD has a transaction of its own: it writes to S3, so it may not be read-only. It takes a SELECT and nothing else. */
export const runUnload = async (session: pg.Client, statement: string): Promise<void> =>
  void (await ask(session, statement));
