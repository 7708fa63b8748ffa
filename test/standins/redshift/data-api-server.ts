import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startAwsServer, AwsFailure, type AwsServer } from './aws-server.ts';
import { asPostgresSql, type RedshiftTypes } from './dialect.ts';

type Input = Record<string, unknown>;

interface Statement {
  id: string;
  token: string | null;
  status: 'SUBMITTED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
  createdAt: number;
  pid: number | null;
  parts: { sql: string; error: string | null; result: pg.QueryArrayResult<(string | null)[]> | null }[];
}

const PAGE_ROWS = 10_000;
/** As the driver of the Data API names PostgreSQL's types. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'text',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1186: 'interval',
  1266: 'timetz',
  1700: 'numeric',
};

export interface DataApiServer extends AwsServer {
  /** The states of all statements that it was sent. */
  states(): string[];
  /** Forgets every statement, as the service does after 24 hours. */
  forget(): void;
}

/**
 * The Redshift Data API over PostgreSQL: asynchronous statements in one transaction, results as pages of CSV in which
 * NULL and an empty text look alike, ClientToken, cancel. The official client passes through it.
 */
export async function startDataApiServer(options: {
  /** The URL that a user of the database logs in with; a cluster knows no others. */
  loginOf(user: string): string | null;
  cluster: string;
  types: RedshiftTypes;
  refuse: (accessKeyId: string, operation: string) => AwsFailure | null;
}): Promise<DataApiServer> {
  const statements = new Map<string, Statement>();
  const find = (input: Input): { statement: Statement; part: Statement['parts'][number] | undefined } => {
    const [id = '', number] = String(input.Id).split(':');
    const statement = statements.get(id);
    if (statement === undefined) throw new AwsFailure('ResourceNotFoundException', 'Query does not exist.');
    return { statement, part: statement.parts[Number(number ?? 1) - 1] };
  };
  const operations: Record<string, (input: Input) => unknown> = {
    BatchExecuteStatement: (input) => {
      if ((input.ClusterIdentifier ?? input.WorkgroupName) !== options.cluster) {
        throw new AwsFailure('ValidationException', "Redshift endpoint doesn't exist in this region.");
      }
      const token = typeof input.ClientToken === 'string' ? input.ClientToken : null;
      const known = [...statements.values()].find((one) => token !== null && one.token === token);
      const statement: Statement = known ?? {
        id: randomUUID(),
        token,
        status: 'SUBMITTED',
        createdAt: Date.now() / 1000,
        pid: null,
        parts: (input.Sqls as string[]).map((sql) => ({ sql, error: null, result: null })),
      };
      if (known === undefined) {
        statements.set(statement.id, statement);
        void run(statement, options.loginOf(String(input.DbUser)), String(input.Database));
      }
      return { Id: statement.id, CreatedAt: statement.createdAt, Database: input.Database };
    },
    DescribeStatement: (input) => {
      const { statement } = find(input);
      return {
        Id: statement.id,
        Status: statement.status,
        CreatedAt: statement.createdAt,
        Error: statement.parts.find(({ error }) => error !== null)?.error ?? undefined,
        SubStatements: statement.parts.map(({ error, result }, index) => ({
          Id: `${statement.id}:${index + 1}`,
          Status: error === null ? (result === null ? 'STARTED' : 'FINISHED') : 'FAILED',
          ...(error !== null && { Error: error }),
          HasResultSet: (result?.fields.length ?? 0) > 0,
        })),
      };
    },
    GetStatementResultV2: (input) => {
      const { part, statement } = find(input);
      if (statement.status !== 'FINISHED' || !part?.result?.fields.length) {
        throw new AwsFailure('ResourceNotFoundException', 'Query does not have result.');
      }
      return pageOf(part.result, Number(input.NextToken ?? 0), options.types);
    },
    CancelStatement: async (input) => {
      const { statement } = find(input);
      if (!['SUBMITTED', 'STARTED'].includes(statement.status)) {
        throw new AwsFailure('ValidationException', `Could not cancel a query in ${statement.status} state.`);
      }
      statement.status = 'ABORTED';
      if (statement.pid !== null) await cancelBackend(options.loginOf, statement.pid);
      return { Status: true };
    },
  };
  const server = await startAwsServer(async ({ accessKeyId, input, operation }) => {
    const refused = options.refuse(accessKeyId, operation);
    if (refused !== null) throw refused;
    const work = operations[operation];
    if (work === undefined) throw new AwsFailure('UnknownOperationException', operation);
    return { json: await work(input) };
  });
  return {
    ...server,
    states: () => [...statements.values()].map(({ status }) => status),
    forget: () => statements.clear(),
  };
}

async function cancelBackend(loginOf: (user: string) => string | null, pid: number): Promise<void> {
  const client = new pg.Client({ connectionString: loginOf('admin') ?? '' });
  await client.connect();
  await client.query('select pg_cancel_backend($1)', [pid]).finally(() => client.end());
}

const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

async function run(statement: Statement, login: string | null, database: string): Promise<void> {
  const [first] = statement.parts;
  const fail = (part: Statement['parts'][number] | undefined, error: unknown, severity = 'ERROR'): void => {
    const { message, position } = error as { message: string; position?: string };
    if (part !== undefined) {
      part.error = `${severity}: ${message}${position === undefined ? '' : `\n  Position: ${position}`}`;
    }
    if (statement.status !== 'ABORTED') statement.status = 'FAILED';
  };
  if (login === null) return fail(first, new Error('user "nobody" does not exist'), 'FATAL');
  const url = Object.assign(new URL(login), { pathname: `/${database}` }).href;
  const client = new pg.Client({ connectionString: url, application_name: 'backhaul' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    statement.pid = (client as unknown as { processID: number }).processID;
    if (statement.status === 'ABORTED') return;
    statement.status = 'STARTED';
    await client.query('begin');
  } catch (error) {
    return fail(first, error, 'FATAL');
  }
  try {
    for (const part of statement.parts) {
      const query = {
        text: asPostgresSql(part.sql),
        rowMode: 'array',
        types: AS_TEXT,
        queryMode: 'extended',
      } as const;
      try {
        part.result = await client.query<(string | null)[]>(query);
      } catch (error) {
        return fail(part, error);
      }
    }
    await client.query('commit');
    if ((statement.status as string) !== 'ABORTED') statement.status = 'FINISHED';
  } finally {
    await client.end().catch(() => undefined);
  }
}

function pageOf(result: pg.QueryArrayResult<(string | null)[]>, from: number, types: RedshiftTypes): unknown {
  const rows = result.rows.slice(from, from + PAGE_ROWS);
  const lines = rows.map((row) => `${row.map(csvField).join(',')}\r\n`);
  if (from === 0) lines.unshift(`${result.fields.map(({ name }) => name).join(',')}\r\n`);
  const next = from + rows.length;
  return {
    ResultFormat: 'CSV',
    ColumnMetadata: result.fields.map(({ dataTypeID, dataTypeModifier, name }) => ({
      name,
      label: name,
      typeName: types.get(dataTypeID)?.name ?? TYPE_NAMES[dataTypeID] ?? 'varchar',
      length: dataTypeModifier > 4 ? dataTypeModifier - 4 : 0,
    })),
    Records: [{ CSVRecords: lines.join('') }],
    TotalNumRows: result.rows.length,
    ...(next < result.rows.length && { NextToken: String(next) }),
  };
}

const csvField = (value: string | null): string =>
  value === null ? '' : /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
