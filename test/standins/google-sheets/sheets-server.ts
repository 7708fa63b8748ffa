import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure, disabled, DriveFailure, notFound } from './api-failure.ts';
import { discovery } from './discovery.ts';
import type { StandinSpreadsheet } from './documents.ts';
import { masked, parseFieldMask } from './field-mask.ts';
import { spreadsheetBody } from './spreadsheet-body.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { valueRangeBody } from './value-range-body.ts';

export interface SheetsServer {
  url: string;
  spreadsheets: Map<string, StandinSpreadsheet>;
  /** Service accounts: a key as Google hands it out, as JSON. */
  accountKey(email: string): string;
  /** What is wrong with the service just now. */
  wrong: {
    /** APIs that are switched off: `sheets.googleapis.com`, `drive.googleapis.com`. */
    disabled: Set<string>;
    /** How far its clock goes ahead of ours. */
    clockAheadMs: number;
    /** So many answers say that the quota is used up, and how long to wait. */
    quotaAnswers: number;
    retryAfter: number | null;
    /** So many answers are 503. */
    unavailableAnswers: number;
    /** So many answers are cut off in their middle. */
    brokenAnswers: number;
  };
  /** Reads of the Sheets API that were answered with 200. */
  served(): string[];
  /** Methods and scopes of all requests that held a token. */
  seen(): { methods: string[]; scopes: string[] };
  /** Requests under way. */
  running(): number;
  revokeTokens(): void;
  close(): Promise<void>;
}

const SHEETS = 'sheets.googleapis.com';
const DRIVE = 'drive.googleapis.com';
/** Checked answers are kept, so that reading the same again costs no more than sending it. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/**
 * Imitates the read calls of the Sheets API v4, `files.get` of Drive v3 and the token endpoint of service accounts. Every
 * answer of 200 is checked against Google's discovery documents, and so is every field mask.
 */
export async function startSheetsServer(emails: readonly string[]): Promise<SheetsServer> {
  const [sheetsApi, driveApi] = await Promise.all([discovery('sheets.v4'), discovery('drive.v3')]);
  const pairs = new Map(emails.map((email) => [email, generateKeyPairSync('rsa', { modulusLength: 2048 })]));
  const tokens = tokenEndpoint(
    new Map([...pairs].map(([email, pair]): [string, KeyObject] => [email, pair.publicKey])),
  );
  const spreadsheets = new Map<string, StandinSpreadsheet>();
  const wrong: SheetsServer['wrong'] = {
    disabled: new Set(),
    clockAheadMs: 0,
    quotaAnswers: 0,
    retryAfter: null,
    unavailableAnswers: 0,
    brokenAnswers: 0,
  };
  const kept = new Map<string, Buffer>();
  let keptBytes = 0;
  const served: string[] = [];
  const methods = new Set<string>();
  const scopes = new Set<string>();
  let running = 0;

  const server = createServer((request, response) => {
    running += 1;
    response.once('close', () => (running -= 1));
    void answer(request, response).catch((error: unknown) => {
      if (error instanceof ApiFailure) return send(response, error.code, JSON.stringify(error.body, null, 2));
      process.stderr.write(`Google Sheets stand-in: ${String(error)}\n`);
      send(
        response,
        500,
        JSON.stringify({ error: { code: 500, message: 'Internal error', status: 'INTERNAL' } }),
      );
    });
  });

  function send(response: ServerResponse, status: number, body: string | Buffer): void {
    response.setHeader('content-type', 'application/json; charset=UTF-8');
    response.setHeader('date', new Date(Date.now() + wrong.clockAheadMs).toUTCString());
    response.writeHead(status);
    if (status === 200 && wrong.brokenAnswers > 0) {
      wrong.brokenAnswers -= 1;
      response.write(body.slice(0, body.length / 2), () => response.destroy());
    } else response.end(body);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    if (url.pathname === '/token') {
      const { body, status } = tokens.answer(
        new URLSearchParams(await bodyOf(request)),
        Date.now() + wrong.clockAheadMs,
      );
      return send(response, status, JSON.stringify(body));
    }
    const holder = tokens.holderOf((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (holder === null) {
      throw new ApiFailure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    }
    methods.add(request.method ?? '');
    for (const scope of holder.scopes) scopes.add(scope);
    fail(response);
    const drive = /^\/drive\/v3\/files\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (drive !== undefined) return send(response, 200, driveFile(drive, url.searchParams, holder));
    if (wrong.disabled.has(SHEETS)) throw disabled(SHEETS);
    if (
      request.method !== 'GET' ||
      !holder.scopes.some((scope) => /auth\/spreadsheets(\.readonly)?$/.test(scope))
    ) {
      throw new ApiFailure(403, 'PERMISSION_DENIED', 'Request had insufficient authentication scopes.', {
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
      });
    }
    send(response, 200, await sheetsAnswer(url, holder.email));
  }

  function fail(response: ServerResponse): void {
    if (wrong.quotaAnswers > 0) {
      wrong.quotaAnswers -= 1;
      if (wrong.retryAfter !== null) response.setHeader('retry-after', String(wrong.retryAfter));
      throw new ApiFailure(429, 'RESOURCE_EXHAUSTED', "Quota exceeded for quota metric 'Read requests'.", {
        reason: 'RATE_LIMIT_EXCEEDED',
      });
    }
    if (wrong.unavailableAnswers > 0) {
      wrong.unavailableAnswers -= 1;
      throw new ApiFailure(503, 'UNAVAILABLE', 'The service is currently unavailable.');
    }
  }

  function driveFile(
    id: string,
    query: URLSearchParams,
    holder: { email: string; scopes: string[] },
  ): string {
    if (wrong.disabled.has(DRIVE)) {
      throw new DriveFailure(
        403,
        'accessNotConfigured',
        'Google Drive API has not been used in project 1234 before.',
      );
    }
    const file = spreadsheets.get(id);
    if (file === undefined || !mayRead(file, holder.email))
      throw new DriveFailure(404, 'notFound', 'File not found.');
    const mask = parseFieldMask(query.get('fields') ?? 'kind,id,name,mimeType');
    driveApi.checkMask('File', mask);
    const body = masked(
      {
        kind: 'drive#file',
        id,
        name: id,
        mimeType: 'application/vnd.google-apps.spreadsheet',
        version: String(file.version),
        capabilities: { canEdit: file.editors.includes(holder.email), canDownload: true },
      },
      mask,
    );
    driveApi.check('File', body);
    return JSON.stringify(body);
  }

  async function sheetsAnswer(url: URL, email: string): Promise<Buffer> {
    const [, id = '', range] = /^\/v4\/spreadsheets\/([^/]+)(?:\/values\/(.+))?$/.exec(url.pathname) ?? [];
    const spreadsheet = spreadsheets.get(id);
    if (spreadsheet === undefined) throw notFound();
    if (!mayRead(spreadsheet, email)) {
      throw new ApiFailure(403, 'PERMISSION_DENIED', 'The caller does not have permission');
    }
    if (spreadsheet.isForeign === true) {
      throw new ApiFailure(400, 'FAILED_PRECONDITION', 'This operation is not supported for this document');
    }
    await sleep(spreadsheet.delayMs ?? 0, undefined, { ref: false });
    const bytes =
      range === undefined
        ? wholeSpreadsheet(spreadsheet, url)
        : checked('ValueRange', valueRangeBody(spreadsheet, decodeURIComponent(range), url.searchParams));
    const ranges = url.searchParams.getAll('ranges');
    served.push(`${id} ${ranges.join(' ')}`);
    for (const one of ranges) spreadsheet.onRead?.(one);
    return bytes;
  }

  function wholeSpreadsheet(spreadsheet: StandinSpreadsheet, url: URL): Buffer {
    const name = `${spreadsheet.id} ${spreadsheet.version} ${url.search}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const fields = url.searchParams.get('fields');
    const mask = fields === null ? new Map<string, never>() : parseFieldMask(fields);
    sheetsApi.checkMask('Spreadsheet', mask);
    const withGrid =
      fields === null ? url.searchParams.get('includeGridData') === 'true' : fields.includes('data');
    const body = spreadsheetBody(spreadsheet, url.searchParams.getAll('ranges'), withGrid);
    const bytes = checked('Spreadsheet', masked(body, mask));
    if (keptBytes + bytes.length <= MAX_KEPT_BYTES) {
      keptBytes += bytes.length;
      kept.set(name, bytes);
    }
    return bytes;
  }

  function checked(schema: string, body: unknown): Buffer {
    sheetsApi.check(schema, body);
    return Buffer.from(JSON.stringify(body), 'utf8');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    spreadsheets,
    wrong,
    accountKey: (email) => {
      const pem = pairs.get(email)?.privateKey.export({ type: 'pkcs8', format: 'pem' });
      return JSON.stringify({
        type: 'service_account',
        project_id: 'standin',
        private_key_id: 'standin',
        private_key: pem,
        client_email: email,
        // A trap: no definition may say where the signed request goes.
        token_uri: 'http://127.0.0.1:9/stolen',
      });
    },
    served: () => served,
    seen: () => ({ methods: [...methods], scopes: [...scopes].sort() }),
    running: () => running,
    revokeTokens: () => tokens.revokeAll(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const mayRead = ({ editors, viewers }: StandinSpreadsheet, email: string): boolean =>
  viewers.includes(email) || editors.includes(email);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
