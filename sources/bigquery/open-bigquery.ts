import { randomUUID } from 'node:crypto';
import type { BigQuery } from '@google-cloud/bigquery';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { chooseColumns } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { columnOf } from './columns.ts';
import { costWarnings } from './cost.ts';
import { dryRun, type DryRun } from './dry-run.ts';
import { failureOf } from './failure.ts';
import { readPlace, type ReadPlace } from './place.ts';
import { around, queryOf } from './query-text.ts';
import { resultPieces, tableOf } from './read-result.ts';
import { refuseRemoteFunctions } from './remote-functions.ts';
import { pageOf, textsOf } from './result-pages.ts';
import { openSession } from './session.ts';
import { writeWarnings } from './write-warnings.ts';

const PROBE = 'select 1 as one';

/** BigQuery: a job for each read, whose result it keeps for a day. */
export function openBigQuery(
  name: string,
  connection: ResolvedBigQueryConnection,
  context: SourceContext,
): Source {
  const { projectId, dataset } = connection;
  const session = openSession(name, connection, context);
  const { client, finish, inContext, start, translate } = session;

  const check = (sql: string, model?: string): Promise<DryRun> =>
    inContext({ ...(model !== undefined && { model }) }, async () => {
      const run = await dryRun(client, connection, { name: model ?? name, sql });
      await refuseRemoteFunctions(client, model ?? name, run.routines);
      return run;
    });
  /** The query of a model with what is asked for only, where BigQuery takes it. */
  const narrowed = async (model: ResolvedModel, sql: string, narrow: string): Promise<string> => {
    try {
      await dryRun(client, connection, { name: model.name, sql: narrow });
      return narrow;
    } catch (error) {
      if (error instanceof BackhaulError || (failureOf(error)?.status ?? 0) === 400) return sql;
      throw translate(error, { model: model.name });
    }
  };

  return {
    async validate(model) {
      const run = await (model === null ? check(PROBE) : check(queryOf(model), model.name));
      if (dataset !== undefined) await inContext({}, () => requireDataset(client, dataset));
      if (connection.read === 'storage') await probeStorage(run.location);
      const warnings = await writeWarnings(client, { name, projectId, dataset }, run.tables);
      session.requireWanted();
      return { warnings: [...warnings, ...(model === null ? [] : costWarnings(model.name, run.bytes))] };
    },
    async describe(model) {
      const { fields } = await check(queryOf(model), model.name);
      return fields.map(columnOf);
    },
    async preview(model, limit) {
      const sql = queryOf(model);
      const { fields, location } = await check(sql, model.name);
      const limited = await narrowed(model, sql, around(sql, '*', ` limit ${Math.trunc(limit)}`));
      const place = await start(
        { model: model.name },
        { sql: limited, readId: `preview-${randomUUID()}`, location, columns: fields.map(columnOf) },
      );
      await finish({ model: model.name, linesBefore: limited === sql ? 0 : 1 }, place);
      const rows = await inContext({ model: model.name, reading: true }, async () => {
        const all: (string | null)[][] = [];
        for (let token: string | null = null; all.length < limit;) {
          const page = await pageOf(client, place, token, limit - all.length);
          const texts = fields.map((field, position) => textsOf(page, field, position));
          for (const row of page.rows.keys()) all.push(texts.map((read) => read(row)));
          if (page.next === null) break;
          token = page.next;
        }
        return all;
      });
      return { columns: fields.map(columnOf), rows };
    },
    async read(model, names, { maxValueBytes, id, from }) {
      const sql = queryOf(model);
      if (from !== null) {
        const place = readPlace(from);
        await finish({ model: model.name }, place);
        // What is read is the result, whatever has become of the tables meanwhile.
        const { fields } = await inContext({ model: model.name, reading: true }, () =>
          pageOf(client, place, null, 0),
        );
        const chosen = chooseColumns(model.name, fields, names).map(({ column }) => column);
        return {
          columns: chosen.map(columnOf),
          pieces: resultPieces(session, model, place, { fields: chosen, maxValueBytes, linesBefore: 0 }),
        };
      }
      const run = await check(sql, model.name);
      const chosen = chooseColumns(model.name, run.fields, names).map(({ column }) => column);
      const narrow = chosen.length < run.fields.length;
      const query = narrow ? await narrowed(model, sql, around(sql, names)) : sql;
      const columns = chosen.map(columnOf);
      const { location } = run;
      const job = await start({ model: model.name }, { sql: query, readId: id, location, columns });
      const place: ReadPlace = {
        ...job,
        read: connection.read,
        rows: 0,
        token: null,
        stream: null,
        done: false,
      };
      return {
        columns,
        pieces: resultPieces(session, model, place, {
          fields: chosen,
          maxValueBytes,
          linesBefore: query === sql ? 0 : 1,
        }),
      };
    },
    release: (place) => session.release(readPlace(place)),
    close: () => session.close(),
  };

  /** Whether a result can be read that way: a query without a table, which costs nothing. */
  async function probeStorage(location: string | undefined): Promise<void> {
    const place = await start({}, { sql: PROBE, readId: `check-${randomUUID()}`, location, columns: [] });
    const table = tableOf(await finish({}, place));
    await session.withStorage((storage) => inContext({}, () => storage.openStream(table, ['one'])));
  }
}

/** The default dataset exists. Whether it may be looked at is another question: rights to its tables are enough. */
async function requireDataset(client: BigQuery, dataset: string): Promise<void> {
  try {
    await client.dataset(dataset).getMetadata();
  } catch (error) {
    if (failureOf(error)?.status !== 403) throw error;
  }
}
