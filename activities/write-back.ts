import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { durationMs } from '../definitions/duration.ts';
import type { WritebackDefinition } from '../definitions/writeback.ts';
import { listedRun } from '../ledger/list-runs.ts';
import { findConnection } from '../ledger/pin-definition.ts';
import { readRun, type RunRecord } from '../ledger/runs.ts';
import { beginWriteback, endWriteback } from '../ledger/writebacks.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Run } from '../vocabulary/run.ts';
import {
  isOfRun,
  isSelected,
  rowsFile,
  rowsFolder,
  runFile,
  type Line,
  type WritebackTarget,
} from '../vocabulary/writeback.ts';
import { parquetText } from '../writeback/lines.ts';
import { openParts } from '../writeback/write-parts.ts';
import { writeParquet } from '../writeback/write-parquet.ts';
import { writePostgres } from '../writeback/write-postgres.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { FROM_THE_START, outcomesOfRun } from './outcomes-of-run.ts';
import { resolve } from './resolve-ends.ts';
import { withScratch } from './scratch.ts';
import { rowLine, runLine } from './writeback-lines.ts';

export interface WriteBackInput {
  run: string;
  target: WritebackTarget;
  writeback: WritebackDefinition;
}

export interface WrittenBack {
  rows: number;
  files: number;
}

/** How far the parts have come: a later attempt goes on behind the last that is finished. */
interface Progress {
  page: number;
  parts: number;
  rows: number;
}
const AT_THE_START: Progress = { page: FROM_THE_START, parts: 0, rows: 0 };

interface EndedRun {
  run: Run;
  /** Null of a skipped one. */
  record: RunRecord | null;
}

/**
 * A run that has ended, with what became of its rows → Parquet among the blobs, or tables. It reads what the run left at rest, which no
 * longer changes, so that any attempt writes the same.
 */
export async function writeBack(dependencies: Dependencies, input: WriteBackInput): Promise<WrittenBack> {
  const { ledger } = dependencies;
  const ended = await endedRun(dependencies, input.run);
  await beginWriteback(ledger.db, input.run, input.target);
  const written =
    input.target === 'blobs'
      ? await writeFiles(dependencies, ended, input.writeback)
      : await writeTables(dependencies, ended, input.writeback);
  await endWriteback(ledger.db, input.run, input.target, written);
  return written;
}

async function endedRun({ ledger, links }: Dependencies, id: string): Promise<EndedRun> {
  const run = await listedRun(ledger.db, id, links);
  return { run, record: run.number === null ? null : await readRun(ledger.db, id) };
}

/** Lines of `rows`, with the page that follows them. */
async function* linesOfRun(
  dependencies: Dependencies,
  { record, run }: EndedRun,
  { payload, rows: selection }: WritebackDefinition,
  from: number,
): AsyncGenerator<{ lines: Line[]; next: number }> {
  if (record === null || selection === 'none') return;
  const { cancellationSignal } = Context.current();
  for await (const { next, rows } of outcomesOfRun(dependencies, record, { payload, from })) {
    if (cancellationSignal.aborted) throw new CancelledFailure('cancelled');
    const lines = rows
      .filter(({ outcome }) => isSelected(outcome, selection))
      .map((row) => rowLine(run.id, row));
    yield { lines, next };
  }
}

/** The file of the run is written last, and taken away first: while it is there, all that it speaks of is. */
async function writeFiles(
  dependencies: Dependencies,
  ended: EndedRun,
  writeback: WritebackDefinition,
): Promise<WrittenBack> {
  const { blobs, duckdb } = dependencies;
  const { run } = ended;
  let progress = progressBefore();
  return heartbeating(
    () => progress,
    () =>
      withScratch(duckdb, async (scratch) => {
        await blobs.remove(runFile(run));
        const parts = await openParts({ run, blobs, duckdb, scratch, parts: progress.parts });
        let { page, rows } = progress;
        try {
          for await (const { lines, next } of linesOfRun(dependencies, ended, writeback, page)) {
            // What comes now begins a part: from its page on it can be had again.
            const finished = await parts.add(lines);
            if (finished !== null && page >= 0) progress = { page, parts: finished, rows };
            rows += lines.length;
            page = next;
          }
          const count = await parts.finish();
          await removeOthers(dependencies, run, count);
          await writeRun(dependencies, ended, writeback, rows, scratch);
          return { rows, files: count + 1 };
        } finally {
          await parts.drop();
        }
      }),
  );
}

const progressBefore = (): Progress =>
  (Context.current().info.heartbeatDetails as Progress | undefined) ?? AT_THE_START;

/** Parts of an earlier time that this one does not have: with other settings there were more. */
async function removeOthers({ blobs }: Dependencies, run: Run, parts: number): Promise<void> {
  const own = new Set(Array.from({ length: parts }, (_, part) => rowsFile(run, part)));
  for (const name of await blobs.list(rowsFolder(run))) {
    if (isOfRun(name, run) && !own.has(name)) await blobs.remove(name);
  }
}

async function writeRun(
  { blobs, duckdb }: Dependencies,
  { record, run }: EndedRun,
  writeback: WritebackDefinition,
  rows: number,
  scratch: string,
): Promise<void> {
  await mkdir(scratch, { recursive: true });
  const [csv, file] = [join(scratch, 'run.csv'), join(scratch, 'run.parquet')];
  await writeFile(csv, parquetText('runs', [runLine(run, record, { rows, selected: writeback.rows })]));
  await writeParquet(duckdb, { table: 'runs', csv, file });
  await blobs.adopt(file, runFile(run));
}

async function writeTables(
  dependencies: Dependencies,
  ended: EndedRun,
  writeback: WritebackDefinition,
): Promise<WrittenBack> {
  const { postgres } = writeback;
  const { run, record } = ended;
  if (postgres === undefined) throw new BackhaulError('definitions_invalid', `sync ${run.sync}: no postgres`);
  const connection = await writableConnection(dependencies, postgres.connection);
  let rows = 0;
  async function* lines(): AsyncGenerator<Line[]> {
    for await (const some of linesOfRun(dependencies, ended, writeback, FROM_THE_START)) {
      rows += some.lines.length;
      yield some.lines;
    }
  }
  const written = await heartbeating(
    () => ({ rows }),
    () =>
      writePostgres({
        name: postgres.connection,
        connection,
        schema: postgres.schema,
        keepMs: postgres.keep === undefined ? null : durationMs(postgres.keep),
        run,
        runLine: (count) => runLine(run, record, { rows: count, selected: writeback.rows }),
        lines: lines(),
        signal: Context.current().cancellationSignal,
      }),
  );
  return { rows: written, files: 0 };
}

/** As it stands now: what it is for may have been taken back since the run began. */
async function writableConnection(dependencies: Dependencies, name: string) {
  const definition = await findConnection(dependencies.ledger.db, name);
  if (definition.type !== 'postgres' || definition.writable !== true)
    throw new BackhaulError('writeback_not_writable', `connection ${name}`);
  const resolved = await resolve(dependencies, name, definition);
  if (resolved.type !== 'postgres') throw new BackhaulError('writeback_not_writable', `connection ${name}`);
  return resolved;
}
