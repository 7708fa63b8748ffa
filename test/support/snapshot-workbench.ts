import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { openBlobs, type Blobs } from '../../blobs/blobs.ts';
import {
  openDuckDb,
  queryRows,
  withConnection,
  type DuckDb,
  type DuckDbOptions,
} from '../../snapshot/duckdb.ts';
import { foldState, type FoldedState, type PageVerdicts } from '../../snapshot/fold-state.ts';
import { indexLine, pageName, readPage, type PlannedRow } from '../../snapshot/pages.ts';
import { makePlan, type Plan } from '../../snapshot/plan.ts';
import { writeSelectedKeys } from '../../snapshot/selected-keys.ts';
import { takeSnapshot, type Snapshot, type TakenSnapshot } from '../../snapshot/take-snapshot.ts';
import { blobName, type BlobName } from '../../vocabulary/ids.ts';
import { escapeSpool, SPOOL_NULL, type Piece, type Place } from '../../vocabulary/spool.ts';

export type SpoolRow = readonly (string | null)[];

export const spoolOf = (rows: readonly SpoolRow[]): string =>
  rows
    .map((row) => `${row.map((value) => (value === null ? SPOOL_NULL : escapeSpool(value))).join('\t')}\n`)
    .join('');

export type SnapshotAtRest = TakenSnapshot & Pick<Snapshot, 'earlier'>;
type Earlier = Parameters<typeof takeSnapshot>[0]['earlier'];

export interface Workbench {
  blobs: Blobs;
  duckdb: DuckDb;
  snapshot(rows: readonly SpoolRow[], digest?: string, earlier?: Earlier): Promise<SnapshotAtRest>;
  snapshotOfSpool(spool: AsyncIterable<Piece>, digest?: string, earlier?: Earlier): Promise<SnapshotAtRest>;
  /** One attempt at a spool with places; `onPlace` may record, or fail. Small parts. */
  attempt(
    spool: AsyncIterable<Piece>,
    before: TakenSnapshot,
    onPlace: (place: Place, taken: TakenSnapshot) => Promise<void>,
  ): Promise<SnapshotAtRest>;
  plan(options: {
    snapshot: SnapshotAtRest;
    state?: BlobName | null;
    runNumber?: number;
    resendUnchanged?: boolean;
    selected?: BlobName | null;
    adopts?: boolean;
    maxSamples?: number;
  }): Promise<Plan & { prefix: BlobName }>;
  /** Keys that a run is restricted to, at rest. */
  select(keys: readonly string[]): Promise<BlobName>;
  rowsOfPages(plan: Plan & { prefix: BlobName }): Promise<PlannedRow[][]>;
  /** Writes the index of a page, as `map` does. */
  index(page: number, rows: readonly PlannedRow[]): Promise<BlobName>;
  fold(options: {
    state: BlobName | null;
    snapshot: SnapshotAtRest;
    runNumber: number;
    pages: readonly PageVerdicts[];
    selected?: BlobName | null;
    carries?: boolean;
    keepsOthers?: boolean;
  }): Promise<FoldedState & { state: BlobName }>;
  /** Rows of a Parquet blob, in the order of its key. */
  read(blob: BlobName, columns?: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** DuckDB and blobs in a folder of their own, and the steps of a run on them. */
export async function openWorkbench(options: Omit<DuckDbOptions, 'scratch'> = {}): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-snapshot-'));
  const blobs = openBlobs(pathToFileURL(join(folder, 'blobs')).href);
  const duckdb = await openDuckDb({ ...options, scratch: join(folder, 'scratch') });
  const common = () => ({ blobs, duckdb, scratch: join(duckdb.scratch, randomUUID()) });
  const snapshotOfSpool: Workbench['snapshotOfSpool'] = async (spool, digest = 'digest', earlier = null) => {
    const prefix = blobName('snapshot', randomUUID());
    const taken = await takeSnapshot({ ...common(), spool, digest, earlier, prefix });
    return earlier === null ? taken : { ...taken, earlier: earlier.fingerprints.length };
  };
  return {
    blobs,
    duckdb,
    snapshotOfSpool,
    attempt: (spool, before, onPlace) =>
      takeSnapshot({
        ...common(),
        spool,
        before,
        onPlace,
        digest: 'digest',
        prefix: blobName('snapshot', randomUUID()),
        partBytes: 300,
      }),
    snapshot: (rows, digest, earlier) =>
      snapshotOfSpool(Readable.from([Buffer.from(spoolOf(rows))]), digest, earlier),
    async plan({
      snapshot,
      state = null,
      runNumber = 1,
      resendUnchanged = false,
      selected = null,
      adopts,
      maxSamples = 100,
    }) {
      const prefix = blobName('plan', randomUUID());
      const plan = await makePlan({
        ...common(),
        snapshot,
        state,
        runNumber,
        resendUnchanged,
        selected,
        ...(adopts !== undefined && { adopts }),
        maxSamples,
        prefix,
      });
      return { ...plan, prefix };
    },
    async select(keys) {
      const file = join(duckdb.scratch, randomUUID());
      await writeSelectedKeys(Readable.from(keys.map(escapeSpool)), file);
      const name = blobName('selected', randomUUID());
      await blobs.adopt(file, name);
      return name;
    },
    async rowsOfPages(plan) {
      const pages: PlannedRow[][] = [];
      for (let page = 0; page < plan.pages; page++) {
        pages.push([...readPage(await blobs.get(pageName(plan.prefix, page)))]);
      }
      return pages;
    },
    async index(page, rows) {
      const name = blobName('index', randomUUID());
      await blobs.put(name, rows.map((row, position) => indexLine(page, position, row)).join(''));
      return name;
    },
    async fold(run) {
      const target = blobName('state', randomUUID());
      return { state: target, ...(await foldState({ ...common(), ...run, target })) };
    },
    async read(blob, columns = '*') {
      const file = join(duckdb.scratch, randomUUID());
      await blobs.fetch(blob, file);
      return withConnection(duckdb, (connection) =>
        queryRows(connection, `select ${columns} from read_parquet('${file}') order by k`),
      );
    },
    async close() {
      duckdb.close();
      await rm(folder, { recursive: true });
    },
  };
}
