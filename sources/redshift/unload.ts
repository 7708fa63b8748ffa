import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece, Place } from '../../vocabulary/spool.ts';
import type { RedshiftColumn } from './columns.ts';
import { csvReader } from './csv.ts';
import type { Query } from './query.ts';
import { ask } from './session.ts';
import { FILES, type UnloadedFile, type UnloadedFiles } from './unloaded-files.ts';

/** A worker that takes over begins with a whole file, so files stay small; S3 takes each as one request. */
const MAX_FILE_MB = 64;

/** Where the files of a read are, and how many of them are done. */
type UnloadPlace = {
  folder: string;
  files: number;
};

export function unloadPlaceOf(place: Place, unloadTo: string): UnloadPlace | null {
  const { files, folder } = place;
  if (typeof folder !== 'string' || typeof files !== 'number') return null;
  // A connection that points elsewhere by now must not delete there what a place of old names.
  return folder.startsWith(withSlash(unloadTo)) && folder.endsWith('/') ? { folder, files } : null;
}

const withSlash = (prefix: string): string => `${prefix.replace(/\/$/, '')}/`;

/** Each attempt has a folder of its own: an earlier one may still be writing to its own. */
export const newFolder = (unloadTo: string, readId: string): string =>
  `${withSlash(unloadTo)}${readId}-${randomBytes(6).toString('hex')}/`;

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
 * The rows of an UNLOAD, file by file; a place stands behind each. Without a manifest the UNLOAD of an earlier worker is still
 * under way and nobody waits for it, or it failed, or its files have been cleared away: where none of them was read yet, it
 * runs anew.
 */
export async function* readUnloaded(options: {
  files: UnloadedFiles;
  /** Null: nothing was unloaded yet. */
  from: UnloadPlace | null;
  columns: readonly RedshiftColumn[];
  /** Runs the UNLOAD into `folder`. Gives the number of its rows. */
  unload: () => Promise<number>;
  /** Ends the UNLOAD into a folder, where one runs, and removes its files. */
  clear: (folder: string) => Promise<void>;
  folder: string;
  where: string;
}): AsyncGenerator<Piece> {
  const { clear, columns, files, folder, from, unload, where } = options;
  const kept = from === null ? null : await files.list(from.folder);
  if (from !== null && kept !== null) {
    yield* rowsOf(from, kept, { files, columns, where });
    return;
  }
  if (from !== null) {
    await clear(from.folder);
    if (from.files > 0)
      throw new BackhaulError('source_result_expired', `${where}, no manifest of the UNLOAD`);
  }
  const begin = { folder, files: 0 };
  yield { place: begin };
  const rows = await unload();
  // An UNLOAD of no rows writes nothing at all, no manifest either; so its own count tells it from one that cannot be seen.
  const written = (await files.list(folder)) ?? [];
  const listed = written.reduce((sum, file) => sum + (file.rows ?? NaN), 0);
  if (listed !== rows && !Number.isNaN(listed)) {
    throw new BackhaulError(
      'source_partial_result',
      `${where}, the manifest lists ${listed} of ${rows} rows`,
    );
  }
  yield* rowsOf(begin, written, { files, columns, where });
}

async function* rowsOf(
  from: UnloadPlace,
  written: readonly UnloadedFile[],
  { columns, files, where }: { columns: readonly RedshiftColumn[]; files: UnloadedFiles; where: string },
): AsyncGenerator<Piece> {
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
    yield { place: { folder: from.folder, files: position + 1 } };
  }
}

/**
 * UNLOAD has a transaction of its own: it writes to S3, so it may not be read-only. It takes a SELECT and nothing else.
 *
 * @returns its rows
 */
export async function runUnload(session: pg.ClientBase, statement: string): Promise<number> {
  await ask(session, statement);
  const { rows } = await ask(session, 'select pg_last_unload_count()');
  return Number(rows[0]?.[0]);
}

const PATIENCE_MS = 20_000;
const POLL_MS = 250;

/** Cancels the UNLOAD into a folder, whichever worker began it, and waits until it has ended: it would go on writing files. */
export async function endUnload(session: pg.ClientBase, folder: string): Promise<void> {
  const name = folder.split('/').at(-2) ?? '';
  const running = `select session_id from sys_unload_history where status = 'running' and position('${name}' in unloaded_location) > 0`;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const { rows } = await ask(session, running);
    if (rows.length === 0) return;
    for (const [id] of rows) await ask(session, `select pg_cancel_backend(${Number(id)})`);
  }
}
