import { randomBytes, verify, type KeyObject } from 'node:crypto';

/** Tokens that were given out, and what they allow. */
export interface TokenEndpoint {
  /** An answer to the form that a client posts. */
  answer(form: URLSearchParams, nowMs: number): { status: number; body: object };
  holderOf(token: string): { email: string; scopes: string[] } | null;
  /** No token that was given out is good any more. */
  revokeAll(): void;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const AUDIENCE = 'https://oauth2.googleapis.com/token';

/** @param accounts public keys by e-mail address */
export function tokenEndpoint(accounts: ReadonlyMap<string, KeyObject>): TokenEndpoint {
  const tokens = new Map<string, { email: string; scopes: string[] }>();
  const refuse = (error: string, description: string) => ({
    status: 400,
    body: { error, error_description: description },
  });
  return {
    answer(form, nowMs) {
      const [header = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
      if (form.get('grant_type') !== JWT_BEARER)
        return refuse('unsupported_grant_type', 'Invalid grant_type');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
      const key = accounts.get(claims.iss);
      if (key === undefined) return refuse('invalid_grant', 'Invalid grant: account not found');
      const signed = Buffer.from(`${header}.${payload}`);
      if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) {
        return refuse('invalid_grant', 'Invalid JWT Signature.');
      }
      if (claims.aud !== AUDIENCE || claims.exp - claims.iat > 3600 || !isTimely(claims, nowMs)) {
        return refuse('invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes).');
      }
      if (claims.scope === '')
        return refuse('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
      const token = `ya29.${randomBytes(12).toString('hex')}`;
      tokens.set(token, { email: claims.iss, scopes: claims.scope.split(' ') });
      return { status: 200, body: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
    },
    holderOf: (token) => tokens.get(token) ?? null,
    revokeAll: () => tokens.clear(),
  };
}

interface Claims {
  iss: string;
  aud: string;
  scope: string;
  iat: number;
  exp: number;
}

const isTimely = ({ exp, iat }: Claims, nowMs: number): boolean =>
  exp * 1000 > nowMs && iat * 1000 < nowMs + 300_000;
