import { gaxios, GoogleAuth, JWT, UserRefreshClient, type AuthClient } from 'google-auth-library';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** To read spreadsheets, and to see when one was changed. Neither lets anybody write. */
export const SCOPES = [
  'https://www.googleapis.com/auth/spreadsheets.readonly',
  'https://www.googleapis.com/auth/drive.metadata.readonly',
];
/** Google's client waits for a token without an end. */
const TOKEN_TIMEOUT_MS = 30_000;
const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';

export interface Credentials {
  /** With whom a spreadsheet has to be shared; null when it is not known before the first call. */
  email: string | null;
  /** A client without a token yet. */
  connect(): Promise<AuthClient>;
}

/**
 * The credentials of a connection: a service account's key or a user's refresh token as JSON, or those that the worker has by
 * default. Addresses in the JSON are not looked at; kinds of credentials that consist of addresses are refused.
 *
 * @param json of the connection
 * @param tokenUrl where tokens are fetched instead of at Google
 */
export function credentialsOf(
  connection: string,
  json: string | undefined,
  tokenUrl: URL | null,
  tokenTimeoutMs = TOKEN_TIMEOUT_MS,
): Credentials {
  const transporter = transporterTo(tokenUrl, tokenTimeoutMs);
  if (json === undefined) {
    const auth = new GoogleAuth({ scopes: SCOPES, clientOptions: { transporter } });
    return { email: null, connect: () => auth.getClient() };
  }
  const refuse = (why: string): BackhaulError =>
    new BackhaulError('source_credentials', `connection ${connection}, credentials: ${why}`);
  const fields = fieldsOf(json);
  if (fields === null) throw refuse('no JSON');
  const text = (field: string): string => {
    const value = fields[field];
    if (typeof value !== 'string' || value === '') throw refuse(`${field} is missing`);
    return value;
  };
  switch (fields.type) {
    case 'service_account': {
      const [email, key] = [text('client_email'), text('private_key')];
      const keyId = typeof fields.private_key_id === 'string' ? fields.private_key_id : undefined;
      return { email, connect: async () => new JWT({ email, key, keyId, scopes: SCOPES, transporter }) };
    }
    case 'authorized_user': {
      const user = {
        clientId: text('client_id'),
        clientSecret: text('client_secret'),
        refreshToken: text('refresh_token'),
      };
      return { email: null, connect: async () => new UserRefreshClient({ ...user, transporter }) };
    }
    default:
      throw refuse('neither of a service account nor of a user');
  }
}

function fieldsOf(json: string): Record<string, unknown> | null {
  try {
    const fields: unknown = JSON.parse(json);
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function transporterTo(tokenUrl: URL | null, timeout: number): gaxios.Gaxios {
  const transporter = new gaxios.Gaxios({ timeout });
  if (tokenUrl === null) return transporter;
  transporter.interceptors.request.add({
    resolved: async (request: gaxios.GaxiosOptionsPrepared) => {
      if (request.url.href === GOOGLE_TOKEN_URL) request.url = tokenUrl;
      return request;
    },
  });
  return transporter;
}
