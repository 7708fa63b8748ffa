import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { estypes } from '@elastic/elasticsearch';

/** A result that the stand-in gives for one statement. */
export interface SqlResult {
  columns: estypes.SqlColumn[];
  /** JSON text of each row: numbers as Elasticsearch writes them. */
  rows: readonly string[];
}

/** An answer other than a result. */
export interface SqlRefusal {
  status: number;
  error: { type: string; reason: string };
}

export interface SqlServer {
  url: string;
  /** Cursors that are kept. */
  cursors(): number;
  /** Every request body that came to `_sql`. */
  asked: estypes.SqlQueryRequest[];
  /** Forgets every cursor. */
  expire(): void;
  close(): Promise<void>;
}

interface Cursor {
  result: SqlResult;
  from: number;
  size: number;
}

/**
 * The part of Elasticsearch that the published jars leave out: `POST _sql` with its cursor, and `_sql/close`. Bodies are those of
 * the client's own types (SqlQueryRequest, SqlQueryResponse, SqlClearCursorResponse), which Elastic generates out of its specification. It
 * knows no SQL: a statement has the result that it is given. As SearchHitCursor.java does, it makes a cursor of the next
 * page, so that asking again gives that page again; but for the last, which gives the cursor back.
 */
export async function startSqlServer(
  results: Readonly<Record<string, SqlResult | SqlRefusal>>,
): Promise<SqlServer> {
  const cursors = new Map<string, Cursor>();
  const asked: estypes.SqlQueryRequest[] = [];
  let made = 0;

  /** The JSON text of an SqlQueryResponse. */
  const pageOf = (cursor: Cursor, isFirst: boolean, own: string | undefined): string => {
    const { from, result, size } = cursor;
    const end = Math.min(from + size, result.rows.length);
    const answer: Omit<estypes.SqlQueryResponse, 'rows'> = {};
    if (isFirst) answer.columns = result.columns;
    if (end < result.rows.length) {
      answer.cursor = `cursor-${(made += 1)}`;
      cursors.set(answer.cursor, { result, from: end, size });
    } else if (own !== undefined) {
      cursors.delete(own);
    }
    const rest = JSON.stringify(answer).slice(1);
    const rows = result.rows.slice(from, end).join(',');
    return `{"rows":[${rows}]${rest === '}' ? '' : ','}${rest}`;
  };

  const query = (request: estypes.SqlQueryRequest): { status: number; body: string } => {
    asked.push(request);
    const { cursor, fetch_size: size = 1000, query: statement = '' } = request;
    if (cursor !== undefined) {
      const known = cursors.get(cursor);
      if (known === undefined) {
        return refuse({
          status: 404,
          error: { type: 'search_context_missing_exception', reason: 'No search context found' },
        });
      }
      return { status: 200, body: pageOf(known, false, cursor) };
    }
    const result = results[statement];
    if (result === undefined) throw new Error(`no result for ${statement}`);
    if ('error' in result) return refuse(result);
    return { status: 200, body: pageOf({ result, from: 0, size }, true, undefined) };
  };

  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const body = JSON.parse(text === '' ? '{}' : text) as estypes.SqlQueryRequest & { cursor?: string };
      switch (new URL(request.url ?? '/', 'http://localhost').pathname) {
        case '/_sql': {
          const { status, body: answer } = query(body);
          return send(response, status, answer);
        }
        case '/_sql/close': {
          const closed: estypes.SqlClearCursorResponse = { succeeded: cursors.delete(body.cursor ?? '') };
          return send(response, 200, JSON.stringify(closed));
        }
        case '/_security/user/_has_privileges':
          // As a node without security answers, which has no handler there.
          return send(response, 400, JSON.stringify({ error: 'no handler found', status: 400 }));
        default:
          return send(response, 200, '{}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cursors: () => cursors.size,
    asked,
    expire: () => cursors.clear(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const refuse = ({ error, status }: SqlRefusal): { status: number; body: string } => {
  const body: estypes.ErrorResponseBase = { error: { ...error, root_cause: [error] }, status };
  return { status, body: JSON.stringify(body) };
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
  response.end(body);
}
