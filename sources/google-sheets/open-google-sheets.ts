import { tmpdir } from 'node:os';
import type { ResolvedGoogleSheetsConnection } from '../../definitions/google-sheets-connection.ts';
import type { SheetContent } from '../../definitions/model.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';
import { chooseColumns } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { spoolLine } from '../spool-line.ts';
import { cellText } from './cell-text.ts';
import type { Cell } from './cells.ts';
import { addressOf, formulaFailed, headerNames, zoneOf, type SheetColumn } from './columns.ts';
import { credentialsOf } from './credentials.ts';
import { ChangedUnderUs, googleApi } from './google-api.ts';
import { locate, type Area } from './locate.ts';
import { sharedLimiter } from './read-limiter.ts';
import { takeSheetSnapshot, type NumberedRow, type SheetSnapshot } from './sheet-snapshot.ts';
import { windowsOf } from './windows.ts';

const SHEETS = 'https://sheets.googleapis.com';
const DRIVE = 'https://www.googleapis.com';
const GOOGLE = ['*.googleapis.com'];
/** A spreadsheet that nobody has: to hear that it is not there takes an address, credentials and an API that work. */
const NO_SPREADSHEET = 'backhaul-looks-whether-anybody-answers';

/** Google Sheets: a tab or a range, whose first row names the columns. */
export function openGoogleSheets(
  name: string,
  connection: ResolvedGoogleSheetsConnection,
  { allowedEndpoints, onProgress, scratch = tmpdir(), signal }: SourceContext,
): Source {
  const endpoint = (field: 'apiEndpoint' | 'driveEndpoint' | 'tokenUrl', vendor: string): URL =>
    allowedEndpoint({ connection: name, field }, connection[field] ?? vendor, GOOGLE, allowedEndpoints);
  const sheetsUrl = endpoint('apiEndpoint', SHEETS);
  const driveUrl = endpoint('driveEndpoint', DRIVE);
  const tokenUrl = connection.tokenUrl === undefined ? null : endpoint('tokenUrl', connection.tokenUrl);
  const credentials = credentialsOf(name, connection.credentials, tokenUrl);
  const identity = `${sheetsUrl.origin} ${credentials.email ?? name}`;
  const api = googleApi({
    connection: name,
    credentials,
    sheetsUrl,
    driveUrl,
    takeTurn: sharedLimiter(identity, connection.readsPerMinute),
    signal,
  });
  const open = new Set<SheetSnapshot>();
  /** What `describe` has read: a read that follows gives just that, so that its columns are those that were described. */
  let described: { model: string; snapshot: SheetSnapshot } | null = null;

  const release = async (snapshot: SheetSnapshot): Promise<void> => {
    open.delete(snapshot);
    await snapshot.release();
  };
  const forget = async (): Promise<void> => {
    const last = described;
    described = null;
    if (last !== null) await release(last.snapshot);
  };
  const take = async (model: ResolvedModel): Promise<SheetSnapshot> => {
    const snapshot = await takeSheetSnapshot(api, sheetModel(model), scratch, onProgress);
    open.add(snapshot);
    return snapshot;
  };
  const lastOrNew = async (model: ResolvedModel): Promise<SheetSnapshot> => {
    if (described?.model !== JSON.stringify(model)) return take(model);
    const { snapshot } = described;
    described = null;
    return snapshot;
  };

  return {
    async validate(model) {
      if (model !== null) return { warnings: await validateModel(sheetModel(model)) };
      try {
        await api.spreadsheet(NO_SPREADSHEET, { fields: 'spreadsheetId' });
      } catch (error) {
        if (!(error instanceof BackhaulError) || error.code !== 'source_database_missing') throw error;
      }
      return { warnings: [] };
    },
    async describe(model) {
      await forget();
      const snapshot = await take(model);
      described = { model: JSON.stringify(model), snapshot };
      return snapshot.columns.map(asColumn);
    },
    async preview(model, limit) {
      const snapshot = await take(model);
      try {
        const rows: (string | null)[][] = [];
        const write = rowWriter(model.name, snapshot, snapshot.columns);
        for await (const portion of snapshot.rows()) {
          rows.push(
            ...portion
              .slice(0, limit - rows.length)
              .map(write)
              .map(cutLong),
          );
          if (rows.length >= limit) break;
        }
        return { columns: snapshot.columns.map(asColumn), rows };
      } finally {
        await release(snapshot);
      }
    },
    async read(model, names, { maxValueBytes }) {
      const snapshot = await lastOrNew(model);
      try {
        const columns = chooseColumns(model.name, snapshot.columns, names).map(({ column }) => column);
        const failed = columns.find(({ error }) => error !== null)?.error;
        if (failed != null) throw formulaFailed(model.name, failed);
        return { columns: columns.map(asColumn), pieces: pieces(model, snapshot, columns, maxValueBytes) };
      } catch (error) {
        await release(snapshot);
        throw error;
      }
    },
    async close() {
      await Promise.all([...open].map(release));
    },
  };

  async function* pieces(
    model: ResolvedModel,
    snapshot: SheetSnapshot,
    columns: readonly SheetColumn[],
    maxValueBytes: number,
  ): AsyncGenerator<Buffer> {
    const write = rowWriter(model.name, snapshot, columns);
    try {
      for await (const portion of snapshot.rows()) {
        if (signal.aborted) throw new BackhaulError('run_cancelled', `connection ${name}`);
        let lines = '';
        for (const row of portion) lines += spoolLine(write(row), maxValueBytes);
        yield Buffer.from(lines, 'utf8');
      }
    } finally {
      await release(snapshot);
    }
  }

  async function headerOf(model: string, area: Area): Promise<Cell[]> {
    try {
      for await (const { rows } of windowsOf(api, { ...area, bottom: area.top })) return rows[0] ?? [];
      return [];
    } catch (error) {
      throw error instanceof ChangedUnderUs ? new BackhaulError('source_changed', `model ${model}`) : error;
    }
  }

  /** Looks at the header only: a check of definitions should not cost as many reads as a run. */
  async function validateModel(model: { name: string } & SheetContent): Promise<string[]> {
    const area = await locate(api, model);
    const file = await api.driveFile(area.spreadsheet);
    headerNames(model.name, area, await headerOf(model.name, area));
    const whom = (await api.email()) ?? 'the account of the credentials';
    if (file === null) {
      return [
        `connection ${name}: Google Drive does not tell ${whom} when a spreadsheet changes, so large ones are read twice; ` +
          'enable drive.googleapis.com in its project',
      ];
    }
    return file.capabilities?.canEdit === true
      ? [`connection ${name}: ${whom} is an editor of the spreadsheet and could write; share it as a viewer`]
      : [];
  }
}

const asColumn = ({ kind, name, sourceType }: SheetColumn) => ({ name, kind, sourceType });

const cutLong = (row: (string | null)[]): (string | null)[] =>
  row.map((text) =>
    text !== null && text.length > MAX_VALUE_BYTES ? text.slice(0, MAX_VALUE_BYTES + 1) : text,
  );

function rowWriter(
  model: string,
  { area }: SheetSnapshot,
  columns: readonly SheetColumn[],
): (row: NumberedRow) => (string | null)[] {
  const toUtc = zoneOf(model, area);
  return (row) =>
    columns.map(({ kind, position }) => {
      // The number of the row stands first.
      const cell = row[position + 1] as Cell;
      if (cell !== null && typeof cell === 'object' && cell[0] === 'e') {
        throw formulaFailed(model, { cell: addressOf(area, row[0], position), type: cell[1] });
      }
      return cellText(cell, kind, toUtc);
    });
}

function sheetModel(model: ResolvedModel): { name: string } & SheetContent {
  if ('spreadsheet' in model) return model;
  throw new BackhaulError('internal', `model ${model.name} is not one of a spreadsheet`);
}
