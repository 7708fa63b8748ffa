import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import {
  MAX_VALUE_BYTES,
  SPOOL_NULL,
  unescapeSpool,
  type Piece,
  type Place,
} from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { awsSettings } from './aws.ts';
import { columnOf, type RedshiftColumn } from './columns.ts';
import { csvReader } from './csv.ts';
import { openDataApi } from './data-api.ts';
import { oneSelectOf } from './one-select.ts';
import { asColumn, describeQuery, selectQuery, type Query } from './query.ts';
import { duringLook, WRITABLE, writeWarnings } from './write-warnings.ts';

/** How far a result of the Data API has been read. */
interface StatementPlace {
  statement: string;
  /** Null: from the beginning. */
  next: string | null;
  rows: number;
}

function statementPlaceOf(place: Place): StatementPlace | null {
  const { next, rows, statement } = place;
  if (typeof statement !== 'string' || typeof rows !== 'number') return null;
  return { statement, next: typeof next === 'string' ? next : null, rows };
}

/** As texts that are marked, for statements of our own. */
const OWN_COLUMNS = ['backhaul_1', 'backhaul_2'].map((name): RedshiftColumn => {
  return { name, kind: 'text', sourceType: 'varchar', form: 'text', maxBytes: null };
});

/** Redshift without a network path to it: statements by the Data API of AWS, results as CSV. */
export function openByDataApi(
  name: string,
  connection: ResolvedRedshiftConnection,
  { allowedEndpoints, signal }: SourceContext,
): Source {
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const settings = awsSettings(name, connection, 'dataApiEndpoint', allowedEndpoints);
  const api = openDataApi({ name, connection, settings, signal, stopped });

  /** Runs a query whose statement nobody will look for again. */
  const finished = async (query: Pick<Query, 'text'> & Partial<Query>): Promise<string> => {
    const statement = await api.submit(query.text);
    try {
      await api.finish(statement, query.wrapped);
      return statement;
    } catch (error) {
      await api.cancel(statement);
      throw error;
    }
  };
  const describe = async (model: ResolvedModel): Promise<{ columns: RedshiftColumn[]; sql: string }> => {
    const sql = await oneSelectOf(model);
    const statement = await finished(describeQuery(model.name, sql));
    const { columns: described } = await api.page(statement, null);
    const names = described.map((column) => column.label ?? column.name ?? '');
    requireOwnNames(model.name, names);
    const columns = described.map(({ length, typeName = '' }, position) =>
      columnOf(model.name, {
        name: names[position] ?? '',
        type: typeName,
        length: length === undefined || length <= 0 ? null : length,
      }),
    );
    return { columns, sql };
  };
  /** The first rows of a query that is small. */
  const firstRows = async (
    query: Pick<Query, 'text'> & Partial<Query>,
    columns: readonly RedshiftColumn[],
  ): Promise<(string | null)[][]> => {
    const statement = await finished(query);
    let lines = '';
    const csv = csvReader(columns);
    let next: string | null = null;
    do {
      const page = await api.page(statement, next);
      lines += csv.read(page.csv) + csv.end();
      next = page.next;
    } while (next !== null);
    return lines
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t').map((value) => (value === SPOOL_NULL ? null : unescapeSpool(value))));
  };

  async function* pages(
    from: StatementPlace,
    query: Query,
    columns: readonly RedshiftColumn[],
    isNew: boolean,
  ): AsyncGenerator<Piece> {
    const { statement } = from;
    if (isNew) yield { place: { ...from } };
    await api.finish(statement, query.wrapped);
    let { next, rows } = from;
    for (;;) {
      const page = await api.page(statement, next);
      const csv = csvReader(columns);
      const lines = csv.read(page.csv) + csv.end();
      rows += csv.rows();
      if (lines !== '') yield Buffer.from(lines, 'utf8');
      if (page.next === null) {
        if (page.total === null || page.total === rows) return;
        const where = `connection ${name}, model ${query.wrapped.model}, ${rows} of ${page.total} rows`;
        throw new BackhaulError('source_partial_result', where);
      }
      next = page.next;
      yield { place: { statement, next, rows } };
    }
  }

  return {
    async validate(model) {
      const [row] = await firstRows({ text: WRITABLE }, OWN_COLUMNS).catch((error: unknown) => {
        throw duringLook(error);
      });
      if (model !== null) await describe(model);
      // The columns come without their marks already.
      return {
        warnings: writeWarnings(
          name,
          row?.map((value) => `=${value ?? ''}`),
        ),
      };
    },
    describe: async (model) => (await describe(model)).columns.map(asColumn),
    async preview(model, limit) {
      const { columns, sql } = await describe(model);
      const query = selectQuery(model.name, sql, columns, { maxBytes: MAX_VALUE_BYTES, marked: true, limit });
      return { columns: columns.map(asColumn), rows: await firstRows(query, columns) };
    },
    async read(model, names, { from, id, maxValueBytes }) {
      const described = await describe(model);
      const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
      const query = selectQuery(model.name, described.sql, columns, {
        maxBytes: maxValueBytes,
        marked: true,
      });
      const place =
        from === null
          ? { statement: await api.submitOnce(query.text, id), next: null, rows: 0 }
          : statementPlaceOf(from);
      if (place === null) {
        throw new BackhaulError('source_result_expired', `connection ${name}, no statement is kept`);
      }
      return { columns: columns.map(asColumn), pieces: pages(place, query, columns, from === null) };
    },
    release: async (place) => {
      const kept = statementPlaceOf(place);
      if (kept !== null) await api.cancel(kept.statement);
    },
    close: api.close,
  };
}
