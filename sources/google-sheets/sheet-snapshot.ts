import { createHash } from 'node:crypto';
import type { SheetContent } from '../../definitions/model.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Cell } from './cells.ts';
import { nothingSeen, see } from './column-kind.ts';
import { columnsOf, headerNames, type SheetColumn } from './columns.ts';
import { ChangedUnderUs, type GoogleApi } from './google-api.ts';
import { locate, type Area } from './locate.ts';
import { openScratchFile, type ScratchFile } from './scratch-file.ts';
import { isOneWindow, windowsOf } from './windows.ts';

/** The number of a row in the tab, and its cells. */
export type NumberedRow = [row: number, ...cells: Cell[]];

/** A tab or range as it was at one moment, on the local disk. */
export interface SheetSnapshot {
  area: Area;
  columns: SheetColumn[];
  /** Those that hold anything, in portions of some megabytes at most. */
  rows(): AsyncGenerator<NumberedRow[]>;
  release(): Promise<void>;
}

/** So often a tab is read until it keeps still. */
const MAX_PASSES = 4;

/**
 * Reads until what was read is known to be of one moment, which Google does not promise: one answer is; several are when
 * Drive counted no change from before the first until after the last, or when two passes in a row read the same. Throws
 * `source_changed` when somebody keeps on changing it.
 */
export async function takeSheetSnapshot(
  api: GoogleApi,
  model: { name: string } & SheetContent,
  scratch: string,
  onProgress: () => void = () => undefined,
): Promise<SheetSnapshot> {
  let lastDigest: string | null = null;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const taken = await readOnce(api, model, scratch, onProgress);
    if (taken === null) continue;
    if (taken.isOfOneMoment || taken.digest === lastDigest) return taken.snapshot;
    await taken.snapshot.release();
    lastDigest = taken.digest;
  }
  throw new BackhaulError('source_changed', `model ${model.name}, ${MAX_PASSES} times in a row`);
}

interface Pass {
  snapshot: SheetSnapshot;
  digest: string;
  isOfOneMoment: boolean;
}

/** Null when a change was noticed on the way. */
async function readOnce(
  api: GoogleApi,
  model: { name: string } & SheetContent,
  scratch: string,
  onProgress: () => void,
): Promise<Pass | null> {
  const area = await locate(api, model);
  const file = await openScratchFile(scratch);
  try {
    const before = isOneWindow(area) ? null : await versionOf(api, area);
    const { columns, digest, windows } = await copyWindows(api, model.name, area, file, onProgress);
    const isOfOneMoment = windows === 1 || (before !== null && before === (await versionOf(api, area)));
    return { snapshot: snapshotIn(file, area, columns), digest, isOfOneMoment };
  } catch (error) {
    await file.close();
    if (error instanceof ChangedUnderUs) return null;
    throw error;
  }
}

const versionOf = async (api: GoogleApi, area: Area): Promise<string | null> =>
  (await api.driveFile(area.spreadsheet))?.version ?? null;

async function copyWindows(
  api: GoogleApi,
  model: string,
  area: Area,
  file: ScratchFile,
  onProgress: () => void,
): Promise<{ columns: SheetColumn[]; digest: string; windows: number }> {
  const digest = createHash('sha256').update(JSON.stringify(area));
  const seen = Array.from({ length: area.right - area.left + 1 }, nothingSeen);
  let names: (string | null)[] | null = null;
  let windows = 0;
  for await (const { rows, top } of windowsOf(api, area)) {
    windows += 1;
    onProgress();
    const kept: NumberedRow[] = [];
    for (const [index, cells] of rows.entries()) {
      const row = top + index;
      if (row === area.top) names = headerNames(model, area, cells);
      else if (cells.some((cell) => cell !== null)) {
        kept.push([row, ...cells]);
        for (const [position, of] of seen.entries()) see(of, cells[position] ?? null, row);
      }
    }
    names ??= headerNames(model, area, []);
    if (kept.length === 0) continue;
    const record = JSON.stringify(kept);
    digest.update(record);
    await file.append(record);
  }
  return {
    columns: columnsOf(model, area, names ?? [], seen),
    digest: digest.digest('base64'),
    windows,
  };
}

function snapshotIn(file: ScratchFile, area: Area, columns: SheetColumn[]): SheetSnapshot {
  return {
    area,
    columns,
    async *rows() {
      for await (const record of file.records()) yield JSON.parse(record) as NumberedRow[];
    },
    release: () => file.close(),
  };
}
