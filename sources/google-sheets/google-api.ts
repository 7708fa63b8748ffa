import { setTimeout as sleep } from 'node:timers/promises';
import { sheets, type sheets_v4 } from '@googleapis/sheets';
import type { AuthClient } from 'google-auth-library';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Credentials } from './credentials.ts';
import { failureOf, googleError, isExpired, isQuota, isTransient, type Failure } from './errors.ts';
import type { TakeTurn } from './read-limiter.ts';

/** Google gives up on a request after three minutes: https://developers.google.com/sheets/api/limits */
const REQUEST_TIMEOUT_MS = 190_000;
/** Together more than the minute in which a quota is full again. */
const QUOTA_WAITS_MS = [1000, 2000, 4000, 8000, 16_000, 32_000];
/** Who is asked to wait longer lets go meanwhile: then the run tries again later. */
const MAX_WAIT_MS = 64_000;
const TRANSIENT_WAITS_MS = [500, 1000, 2000];

export interface GoogleApi {
  /**
   * A part of a spreadsheet. Throws `ChangedUnderUs` when the ranges, which were right, are not any more.
   *
   * @returns with the characters that the answer had
   */
  spreadsheet(
    id: string,
    params: { fields: string; ranges?: string[] },
  ): Promise<{ spreadsheet: sheets_v4.Schema$Spreadsheet; length: number }>;
  /** What Drive says of the file; null when the credentials may not ask it. */
  driveFile(id: string): Promise<DriveFile | null>;
  /** Whom spreadsheets have to be shared with, as far as it is known. */
  email(): Promise<string | null>;
}

export interface DriveFile {
  /** Grows with every change. */
  version?: string;
  capabilities?: { canEdit?: boolean };
}

/** A range that was there a moment ago is refused, or the grid has another size: the read has to begin again. */
export class ChangedUnderUs extends Error {}

export interface ApiOptions {
  connection: string;
  credentials: Credentials;
  sheetsUrl: URL;
  driveUrl: URL;
  takeTurn: TakeTurn;
  signal: AbortSignal;
}

export function googleApi(options: ApiOptions): GoogleApi {
  const { connection, credentials, driveUrl, sheetsUrl, signal, takeTurn } = options;
  let client: Promise<AuthClient> | null = null;
  /** Whether a token was good before. */
  let served = false;
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${connection}`);
  const email = async (): Promise<string | null> => {
    if (credentials.email !== null) return credentials.email;
    const known = await client?.catch(() => null);
    return known != null && 'email' in known && typeof known.email === 'string' ? known.email : null;
  };

  /** Sends until there is an answer, or until it makes no sense any more. */
  async function ask(
    spreadsheet: string | null,
    send: (auth: AuthClient) => Promise<{ data: unknown }>,
    before?: TakeTurn,
  ): Promise<string> {
    const tries = { quota: 0, transient: 0, expired: 0 };
    for (;;) {
      try {
        await before?.(signal);
        const { data } = await orAborted(connected().then(send), signal);
        served = true;
        return String(data);
      } catch (error) {
        if (signal.aborted) throw stopped();
        if (error instanceof BackhaulError) throw error;
        const failure = failureOf(error);
        const wait = waitFor(failure, tries);
        if (wait === null) throw await refused(failure, spreadsheet, error);
        if (isExpired(failure)) client = null;
        await sleep(wait, undefined, { signal }).catch(() => Promise.reject(stopped()));
      }
    }
  }

  const connected = (): Promise<AuthClient> => (client ??= connect());

  async function connect(): Promise<AuthClient> {
    try {
      return await credentials.connect();
    } catch (error) {
      client = null;
      const action =
        'Give credentials in the connection, or set GOOGLE_APPLICATION_CREDENTIALS on every worker.';
      const where = `connection ${connection}: there are no default credentials`;
      throw new BackhaulError('source_credentials', where, { action, cause: error });
    }
  }

  async function refused(
    failure: Failure,
    spreadsheet: string | null,
    cause: unknown,
  ): Promise<BackhaulError> {
    if (isExpired(failure) && served) {
      return new BackhaulError('source_token_expired', `connection ${connection}`, { cause });
    }
    return googleError(failure, { connection, spreadsheet, email: await email() }, cause);
  }

  const request = { signal, responseType: 'text', retry: false, timeout: REQUEST_TIMEOUT_MS } as const;

  return {
    email,
    async spreadsheet(id, params) {
      const text = await ask(
        id,
        (auth) =>
          sheets({ version: 'v4', auth: auth as never, rootUrl: sheetsUrl.href }).spreadsheets.get(
            { spreadsheetId: id, prettyPrint: false, ...params },
            request,
          ),
        takeTurn,
      ).catch((error: unknown) => {
        throw params.ranges !== undefined && isRangeRefused(error) ? new ChangedUnderUs() : error;
      });
      return { spreadsheet: parsed(text), length: text.length };
    },
    async driveFile(id) {
      const url = new URL(`drive/v3/files/${encodeURIComponent(id)}`, driveUrl);
      url.search = 'fields=version,capabilities/canEdit&supportsAllDrives=true&prettyPrint=false';
      try {
        return parsed(await ask(id, (auth) => auth.request<string>({ url, ...request })));
      } catch (error) {
        if (error instanceof BackhaulError && NO_DRIVE.has(error.code)) return null;
        throw error;
      }
    },
  };

  function parsed<T>(text: string): T {
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new BackhaulError('source_interrupted', `connection ${connection}`, { cause: error });
    }
  }
}

const NO_DRIVE: ReadonlySet<string> = new Set(['source_permission', 'source_database_missing']);

const isRangeRefused = (error: unknown): boolean =>
  error instanceof BackhaulError &&
  error.code === 'source_query_failed' &&
  failureOf(error.cause).reason === 'INVALID_ARGUMENT';

/** Milliseconds to wait before the next try; null: there is none. */
function waitFor(
  failure: Failure,
  tries: { quota: number; transient: number; expired: number },
): number | null {
  if (isQuota(failure)) return withJitter(failure.retryAfterMs, QUOTA_WAITS_MS[tries.quota++]);
  if (isTransient(failure)) return withJitter(failure.retryAfterMs, TRANSIENT_WAITS_MS[tries.transient++]);
  if (isExpired(failure) && tries.expired++ === 0) return 0;
  return null;
}

function withJitter(asked: number | null, wait: number | undefined): number | null {
  if (wait === undefined || (asked !== null && asked > MAX_WAIT_MS)) return null;
  return asked ?? wait * (0.75 + Math.random() / 2);
}

/** A token that is being fetched cannot be called off, but need not be waited for. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw signal.reason;
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
