import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { z } from 'zod';
import type { ResolvedDatabricksConnection } from '../../definitions/databricks-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { MAX_VALUE_BYTES, type Piece, type Place } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { openApi } from './api.ts';
import { canonicalRow, spooled } from './canonical-rows.ts';
import { openChunks, type ChunkReader } from './chunks.ts';
import { columnOf, quoteIdentifier, selected } from './columns.ts';
import { networkError } from './errors.ts';
import { selectOf } from './select-only.ts';
import type { Row } from './split-rows.ts';
import { openStatements } from './statements.ts';
import { openTokens } from './tokens.ts';
import { workspaceOrigin } from './workspace.ts';
import type { Wrapped } from './wrapped.ts';
import { writeWarnings } from './write-warnings.ts';

const CLOSE_MS = 15_000;

/** A result at Databricks, and the chunk to go on with. Its columns go along: their types are not in the result. */
const placeSchema = z.object({
  statementId: z.string(),
  chunk: z.int().min(0),
  columns: z.array(z.tuple([z.string(), z.string()])),
});

/** A SQL warehouse of Databricks, by its Statement Execution API. */
export function openDatabricks(
  name: string,
  connection: ResolvedDatabricksConnection,
  { signal, allowedEndpoints }: SourceContext,
): Source {
  const origin = workspaceOrigin(name, connection.host, allowedEndpoints);
  const dispatcher = new Agent();
  const api = openApi(name, origin, dispatcher, openTokens(name, connection, origin, dispatcher));
  const statements = openStatements(name, connection, api, signal);
  const translate = (error: unknown): unknown =>
    signal.aborted
      ? new BackhaulError('run_cancelled', `connection ${name}`)
      : networkError(`connection ${name}`, error);
  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw translate(error);
    }
  };

  const describeModel = async (model: ResolvedModel): Promise<{ columns: Column[]; sql: string }> => {
    const sql = selectOf(model);
    const wrapped = { model: model.name, sql, before: 'select * from (\n' };
    const { manifest } = await statements.answer(`${wrapped.before}${sql}\n) as model limit 0`, wrapped);
    const columns = (manifest?.schema.columns ?? []).map((column) => columnOf(column.name, column.type_text));
    // Databricks tells names apart by their letters, not by their case.
    requireOwnNames(
      model.name,
      columns.map((column) => column.name.toLowerCase()),
    );
    return { columns, sql };
  };
  const chunksOf = async (
    id: string,
    wrapped: Wrapped | undefined,
  ): Promise<{ reader: ChunkReader; count: number }> => {
    const { manifest, result } = await statements.succeeded(id, wrapped);
    if (manifest?.truncated === true) {
      throw new BackhaulError('source_result_too_large', `connection ${name}`);
    }
    const count = manifest?.total_chunk_count ?? 0;
    // No rows would mean that all users are gone.
    if (manifest == null || (count === 0 && (manifest.total_row_count ?? 0) > 0)) {
      throw new BackhaulError('source_partial_result', `connection ${name}, result without chunks`);
    }
    const links = result?.external_links ?? [];
    const reader = openChunks(
      { connection: name, id, count, links, allowed: allowedEndpoints },
      statements,
      dispatcher,
      signal,
    );
    return { reader, count };
  };

  /** From the beginning, or from a place that an earlier read came to. */
  async function* piecesOf(
    model: string,
    columns: readonly Column[],
    wrapped: Wrapped,
    maxValueBytes: number,
    from: { statementId: string; chunk: number } | null,
  ): AsyncGenerator<Piece> {
    let id = from?.statementId ?? null;
    let reader: ChunkReader | null = null;
    try {
      if (id === null) id = await statements.submit(wrapped.before + wrapped.sql + END);
      else statements.takeOver(id);
      const placeAt = (chunk: number): { place: Place } => ({
        place: { statementId: id, chunk, columns: columns.map((column) => [column.name, column.sourceType]) },
      });
      let chunk = from?.chunk ?? 0;
      yield placeAt(chunk);
      const chunks = await chunksOf(id, wrapped);
      ({ reader } = chunks);
      const canonical = canonicalRow(model, columns);
      for (; chunk < chunks.count; chunk += 1) {
        for await (const rows of reader.rows(chunk)) yield spooled(rows, canonical, maxValueBytes);
        yield placeAt(chunk + 1);
      }
    } catch (error) {
      throw translate(error);
    } finally {
      reader?.stop();
      // An abort ends it all; otherwise the result waits for whoever has the place.
      if (id !== null && !signal.aborted) statements.letGo(id);
    }
  }

  return {
    validate: (model) =>
      translated(async () => {
        await statements.requireWarehouse();
        const { result } = await statements.answer('select current_timezone()');
        if (model !== null) await describeModel(model);
        return {
          warnings: [
            ...zoneWarnings(name, result?.data_array?.[0]?.[0]),
            ...(await writeWarnings(name, statements, signal)),
          ],
        };
      }),
    describe: (model) => translated(async () => (await describeModel(model)).columns),
    preview: (model, limit) =>
      translated(async () => {
        const { columns, sql } = await describeModel(model);
        const wrapped = selectCanonical(model.name, columns, sql, MAX_VALUE_BYTES);
        const id = await statements.submit(`${wrapped.before}${sql}${END} limit ${Math.trunc(limit)}`);
        try {
          const { reader, count } = await chunksOf(id, wrapped);
          const rows: Row[] = [];
          for (let chunk = 0; chunk < count; chunk += 1) {
            for await (const batch of reader.rows(chunk)) rows.push(...batch);
          }
          const canonical = canonicalRow(model.name, columns);
          return { columns, rows: rows.map((row) => canonical(row).map(cutValue)) };
        } finally {
          await statements.end(id);
        }
      }),
    read: (model, names, { maxValueBytes, from }) =>
      translated(async () => {
        const resumed = from === null ? null : placeSchema.parse(from);
        const described =
          resumed === null
            ? await describeModel(model)
            : {
                columns: resumed.columns.map(([column, type]) => columnOf(column, type)),
                sql: selectOf(model),
              };
        const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
        const wrapped = selectCanonical(model.name, columns, described.sql, maxValueBytes);
        return { columns, pieces: piecesOf(model.name, columns, wrapped, maxValueBytes, resumed) };
      }),
    async release(place) {
      const read = placeSchema.safeParse(place);
      if (read.success) await statements.end(read.data.statementId);
    },
    async close() {
      await Promise.race([statements.settled(), sleep(CLOSE_MS, undefined, { ref: false })]);
      await dispatcher.destroy();
    },
  };
}

const END = '\n) as model';

/** As the spool cuts it. */
const cutValue = (value: string | null): string | null => value?.slice(0, MAX_VALUE_BYTES + 1) ?? null;

function selectCanonical(
  model: string,
  columns: readonly Column[],
  sql: string,
  maxValueBytes: number,
): Wrapped {
  const values = columns.map(
    (column) => `${selected(column, maxValueBytes)} as ${quoteIdentifier(column.name)}`,
  );
  return { model, sql, before: `select ${values.join(', ')} from (\n` };
}

/** What Backhaul reads does not depend on it; what a model makes of times does. */
const zoneWarnings = (connection: string, zone: string | null | undefined): string[] =>
  zone == null || ['UTC', 'Etc/UTC', 'GMT', 'Z', '+00:00'].includes(zone)
    ? []
    : [
        `connection ${connection}: the time zone of its warehouse is ${zone}; a model that casts a timestamp to text or date follows it`,
      ];
