import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { googleError, denied, unauthenticated, type Answer } from './answers.ts';
import type { Accounts } from './accounts.ts';

/** What the gate does to requests until it is told otherwise. */
export interface GateState {
  /** Instead of any answer. */
  answer: Answer | null;
  /** Instead of that of the next requests, so many, or of those to such a path only. */
  passing: { answer: Answer; times: number; only?: RegExp } | null;
  /** Cut the next page of a result in the middle. */
  breakNext: boolean;
  /** What a dry run says that a query reads. */
  bytes: bigint;
  /** Accounts by what they may do. */
  mayWrite: ReadonlySet<string>;
  mayRunNothing: ReadonlySet<string>;
  /** A dataset that only those who may write can see. */
  hidden: string;
}

/**
 * What local-bigquery does not have, in front of it: credentials, permissions, bytes, quotas, connections that break.
 * Requests and answers are those of https://cloud.google.com/bigquery/docs/reference/rest; a parameter that is not there is
 * refused, as Google does it.
 */
export async function startGate(target: string, accounts: Accounts, project: string) {
  const state: GateState = {
    answer: null,
    passing: null,
    breakNext: false,
    bytes: 10_485_760n,
    mayWrite: new Set(),
    mayRunNothing: new Set(),
    hidden: 'hidden',
  };
  /** Told of every query that is to run, before it is passed on. */
  const hooks: { onJob: (sql: string) => void } = { onJob: () => undefined };
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const url = new URL(incoming.url ?? '/', target);
    requests.push(`${incoming.method} ${url.pathname}`);
    if (url.pathname === '/token') {
      const form = new URLSearchParams(body.toString('utf8'));
      send(outgoing, accounts.exchange(form, `${address()}/token`));
      return;
    }
    const own = ownAnswer(incoming, url, body);
    if (own !== null) send(outgoing, own);
    else await forward(incoming, outgoing, url, body);
  }

  function ownAnswer(incoming: IncomingMessage, url: URL, body: Buffer): Answer | null {
    if (state.passing !== null && (state.passing.only?.test(url.pathname) ?? true)) {
      const { answer, times } = state.passing;
      state.passing = times > 1 ? { ...state.passing, times: times - 1 } : null;
      return answer;
    }
    if (state.answer !== null) return state.answer;
    const token = (incoming.headers.authorization ?? '').replace(/^Bearer /, '');
    const account = accounts.whose(token);
    if (account === null) return unauthenticated();
    if (!url.pathname.startsWith(`/bigquery/v2/projects/${project}/`)) {
      return googleError(404, 'notFound', `Not found: Project ${url.pathname.split('/')[4]}`, 'NOT_FOUND');
    }
    const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.has(name));
    if (unknown !== undefined) {
      return googleError(400, 'invalid', `Unknown name "${unknown}"`, 'INVALID_ARGUMENT');
    }
    if (url.pathname.endsWith(':testIamPermissions')) {
      const { permissions = [] } = JSON.parse(body.toString('utf8')) as { permissions?: string[] };
      return { status: 200, body: state.mayWrite.has(account) ? { permissions } : {} };
    }
    if (url.pathname.endsWith(`/routines/${REMOTE}`)) {
      return { status: 200, body: { remoteFunctionOptions: { endpoint: 'https://example.com/notify' } } };
    }
    if (!isJobInsert(incoming, url)) return null;
    hooks.onJob(queryIn(body));
    return forbidden(account, body);
  }

  function forbidden(account: string, body: Buffer): Answer | null {
    if (state.mayRunNothing.has(account)) {
      return denied(
        `Project ${project}: User does not have bigquery.jobs.create permission in project ${project}.`,
      );
    }
    const [, table] = new RegExp(`\\b${state.hidden}\\.(\\w+)`).exec(body.toString('utf8')) ?? [];
    if (table === undefined || state.mayWrite.has(account)) return null;
    const name = `${project}:${state.hidden}.${table}`;
    return denied(
      `Table ${name}: User does not have permission to query table ${name}, or perhaps it does not exist.`,
    );
  }

  async function forward(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    url: URL,
    body: Buffer,
  ): Promise<void> {
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...incoming.headers };
      delete headers.host;
      delete headers.connection;
      const ask = request(url, { method: incoming.method, headers }, resolve);
      ask.on('error', reject);
      ask.end(body);
    });
    const answer = await bodyOf(answered);
    const status = answered.statusCode ?? 502;
    const isPage = url.pathname.includes('/queries/') && url.searchParams.get('maxResults') !== '0';
    if (isPage && state.breakNext) {
      state.breakNext = false;
      outgoing.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': answer.length });
      outgoing.write(answer.subarray(0, answer.length >> 1), () => outgoing.destroy());
      return;
    }
    const whole = isJobInsert(incoming, url) ? withEstimates(answer, state.bytes) : answer;
    outgoing.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': whole.length });
    outgoing.end(whole);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(hooks, {
    address: address(),
    state,
    /** `GET /bigquery/v2/…`, one after the other. */
    requests,
    breakConnections(): void {
      state.breakNext = true;
      for (const socket of sockets) socket.destroy();
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
export type Gate = Awaited<ReturnType<typeof startGate>>;

const JSON_TYPE = 'application/json; charset=UTF-8';
/** Of the methods that are used here, and those that every method of Google's has. */
const PARAMETERS = new Set([
  'alt',
  'prettyPrint',
  'location',
  'maxResults',
  'pageToken',
  'startIndex',
  'timeoutMs',
  'formatOptions.useInt64Timestamp',
]);

/** A function that the emulator takes for one of SQL. */
const REMOTE = 'notify';

const isJobInsert = ({ method }: IncomingMessage, { pathname }: URL): boolean =>
  method === 'POST' && pathname.endsWith('/jobs');

function queryIn(body: Buffer): string {
  const job = JSON.parse(body.toString('utf8')) as {
    configuration?: { dryRun?: boolean; query?: { query?: string } };
  };
  return job.configuration?.dryRun === true ? '' : (job.configuration?.query?.query ?? '');
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, { status, body, headers = {} }: Answer): void {
  outgoing.writeHead(status, { 'content-type': JSON_TYPE, ...headers });
  outgoing.end(JSON.stringify(body));
}

/** The emulator says of every query that it reads nothing, and of none which functions it calls. */
function withEstimates(answer: Buffer, bytes: bigint): Buffer {
  const job = JSON.parse(answer.toString('utf8')) as {
    configuration?: { dryRun?: boolean; query?: { query?: string } };
    jobReference?: { projectId?: string };
    statistics?: {
      query?: { totalBytesProcessed?: string; referencedTables?: unknown[]; referencedRoutines?: unknown[] };
    };
  };
  const query = job.statistics?.query;
  if (job.configuration?.dryRun !== true || query === undefined) return answer;
  if ((query.referencedTables ?? []).length > 0) query.totalBytesProcessed = String(bytes);
  const called = [...(job.configuration.query?.query ?? '').matchAll(/\bapp\.(\w+)\(/g)];
  query.referencedRoutines = called.map(([, routineId]) => ({
    projectId: job.jobReference?.projectId,
    datasetId: 'app',
    routineId,
  }));
  return Buffer.from(JSON.stringify(job));
}
