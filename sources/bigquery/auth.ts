import { createSign } from 'node:crypto';
import { GoogleAuth, JWT, OAuth2Client, type AuthClient } from 'google-auth-library';
import { Gaxios } from 'gaxios';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { allowedEndpoint } from '../allowed-endpoint.ts';
import { answerFailure, failureError } from './failure.ts';

/**
 * BigQuery has no narrower scope for jobs with an id of our own (jobs.insert in the API's discovery document); what may be
 * done is limited by the roles of the account.
 */
const SCOPES = ['https://www.googleapis.com/auth/bigquery'];
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3600;
const TOKEN_TIMEOUT_MS = 20_000;

export interface Auth {
  client(): Promise<AuthClient>;
  /** Forgets the token, so that the next request is made with a new one. */
  renew(): void;
  /** For a grant: `serviceAccount:reader@project.iam.gserviceaccount.com`; null for the worker's own credentials. */
  principal: string | null;
}

/**
 * Signs in with a service account's key, or with what the worker itself has (Application Default Credentials).
 *
 * Of the key's JSON only the account and its key are taken. `token_uri`, `universe_domain` and all else that names a host
 * would let a definition choose where the worker sends what it signs.
 */
export function openAuth(
  name: string,
  connection: ResolvedBigQueryConnection,
  allowedEndpoints: readonly string[],
): Auth {
  const { credentials, tokenUrl } = connection;
  const tokenEndpoint =
    tokenUrl === undefined
      ? null
      : allowedEndpoint(
          { connection: name, field: 'tokenUrl' },
          tokenUrl,
          ['oauth2.googleapis.com'],
          allowedEndpoints,
        );
  if (credentials === undefined) return workersOwn(connection.projectId);
  const key = readKey(name, credentials);
  const make = (): AuthClient => (tokenEndpoint === null ? selfSigned(key) : exchanged(key, tokenEndpoint));
  let client = make();
  return {
    client: async () => client,
    renew: () => {
      client = make();
    },
    principal: `serviceAccount:${key.email}`,
  };
}

interface Key {
  email: string;
  key: string;
  keyId: string | undefined;
}

function readKey(name: string, credentials: string): Key {
  const refuse = (what: string): BackhaulError =>
    new BackhaulError('source_credentials', `connection ${name}, credentials: ${what}`);
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(credentials) as Record<string, unknown>;
  } catch {
    // The parser's message would quote the text.
    throw refuse('no JSON; give the text of the key file, as by ${file:/path/key.json}');
  }
  const { type, client_email: email, private_key: key, private_key_id: keyId } = json;
  if (type !== 'service_account') throw refuse('not the key of a service account (type service_account)');
  if (typeof email !== 'string' || typeof key !== 'string')
    throw refuse('client_email or private_key is missing');
  try {
    createSign('RSA-SHA256').update('').sign(key);
  } catch {
    throw refuse('private_key is no private key in PEM');
  }
  return { email, key, keyId: typeof keyId === 'string' ? keyId : undefined };
}

/** A token that the key itself signs: no token endpoint is asked. https://google.aip.dev/auth/4111 */
function selfSigned({ email, key, keyId }: Key): AuthClient {
  const client = new JWT({ email, key, scopes: SCOPES, ...(keyId !== undefined && { keyId }) });
  client.useJWTAccessWithScope = true;
  return client;
}

/** A token from an endpoint. google-auth-library would ask Google's own, whatever the operator allows. */
function exchanged(key: Key, endpoint: URL): AuthClient {
  const client = new OAuth2Client();
  client.refreshHandler = async () => {
    const { status, data, headers } = await new Gaxios().request<Record<string, unknown>>({
      url: endpoint.href,
      method: 'POST',
      data: new URLSearchParams({ grant_type: GRANT, assertion: assertion(key, endpoint.href) }),
      responseType: 'json',
      validateStatus: () => true,
      retry: false,
      timeout: TOKEN_TIMEOUT_MS,
    });
    if (status !== 200 || typeof data.access_token !== 'string') {
      throw failureError(answerFailure(status, data, headers.get('date')));
    }
    return {
      access_token: data.access_token,
      expiry_date: Date.now() + Number(data.expires_in ?? ASSERTION_SECONDS) * 1000,
    };
  };
  return client;
}

/** https://developers.google.com/identity/protocols/oauth2/service-account, "Authorizing requests" */
function assertion({ email, key, keyId }: Key, audience: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${part({
    iss: email,
    scope: SCOPES.join(' '),
    aud: audience,
    iat: now,
    exp: now + ASSERTION_SECONDS,
  })}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key, 'base64url')}`;
}

function workersOwn(projectId: string): Auth {
  const make = async (): Promise<AuthClient> => {
    try {
      return await new GoogleAuth({ scopes: SCOPES, projectId }).getClient();
    } catch {
      throw failureError({
        status: null,
        reason: 'noDefaultCredentials',
        text: '',
        clockAheadSeconds: null,
      });
    }
  };
  let client: Promise<AuthClient> | null = null;
  return {
    client: () => (client ??= make()),
    renew: () => {
      client = null;
    },
    principal: null,
  };
}
