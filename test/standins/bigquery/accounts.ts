import { createPublicKey, generateKeyPairSync, randomBytes, verify, type KeyObject } from 'node:crypto';

/** A service account and its key. */
export interface Account {
  email: string;
  /** As Google gives it out. */
  keyFile: string;
}

const LIFETIME_SECONDS = 3600;
const SCOPE = 'https://www.googleapis.com/auth/bigquery';

/** Who may enter, and the tokens that let them: signed by the key itself, or given out for an assertion. */
export function createAccounts(project: string) {
  const keys = new Map<string, KeyObject>();
  const givenOut = new Map<string, string>();
  const revoked = new Set<string>();
  const seen = new Set<string>();

  const signedBy = (jwt: string): Record<string, unknown> | null => {
    const [head = '', claims = '', signature = ''] = jwt.split('.');
    const said = parse(claims);
    const key = keys.get(String(said?.iss));
    if (said === null || key === undefined) return null;
    const good = verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${claims}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    const now = Date.now() / 1000;
    const inTime = Number(said.iat) <= now + 300 && Number(said.exp) > now && Number(said.exp) <= now + 3900;
    return good && inTime && said.scope === SCOPE ? said : null;
  };

  return {
    create(name: string): Account {
      const email = `${name}@${project}.iam.gserviceaccount.com`;
      const { privateKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
      keys.set(email, createPublicKey(privateKey));
      return {
        email,
        keyFile: JSON.stringify({
          type: 'service_account',
          project_id: project,
          private_key_id: randomBytes(8).toString('hex'),
          private_key: privateKey,
          client_email: email,
          // Who takes these from a key sends what it signs to where its author likes.
          token_uri: 'https://tokens.attacker.invalid/token',
          universe_domain: 'attacker.invalid',
        }),
      };
    },
    /** The account that a bearer token stands for; null when it is no good. */
    whose(token: string): string | null {
      seen.add(token);
      if (revoked.has(token)) return null;
      const claims = signedBy(token);
      return claims === null ? (givenOut.get(token) ?? null) : String(claims.iss);
    },
    /** The answer of the token endpoint at this address. */
    exchange(form: URLSearchParams, audience: string): { status: number; body: object } {
      const claims = signedBy(form.get('assertion') ?? '');
      if (claims?.aud !== audience) {
        return {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
        };
      }
      const token = `ya29.${randomBytes(16).toString('hex')}`;
      givenOut.set(token, String(claims.iss));
      return {
        status: 200,
        body: { access_token: token, expires_in: LIFETIME_SECONDS, token_type: 'Bearer' },
      };
    },
    /** No token that was used so far is good any more. */
    revokeAll(): void {
      for (const token of seen) revoked.add(token);
    },
  };
}
export type Accounts = ReturnType<typeof createAccounts>;

function parse(part: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
