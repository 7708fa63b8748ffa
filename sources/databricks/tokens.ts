import type { Dispatcher } from 'undici';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedDatabricksConnection } from '../../definitions/databricks-connection.ts';
import { answers } from './answers.ts';
import { networkError } from './errors.ts';

/** A token is not used in the last minute of its life. */
const MARGIN_MS = 60_000;
const DEFAULT_LIFE_S = 3_600;
const TIMEOUT_MS = 30_000;

export interface Tokens {
  current(signal: AbortSignal | undefined): Promise<string>;
  /** Takes note that the workspace refused it. False when there is no other to be had. */
  refused(token: string): boolean;
}

/**
 * The personal access token, or one that a service principal gets for its secret.
 * Source: https://docs.databricks.com/dev-tools/auth/oauth-m2m.html
 */
export function openTokens(
  name: string,
  connection: ResolvedDatabricksConnection,
  origin: string,
  dispatcher: Dispatcher,
): Tokens {
  const { token, clientId, clientSecret } = connection;
  if (token !== undefined) return { current: async () => token, refused: () => false };
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  let kept: { token: string; until: number } | null = null;
  let asking: Promise<string> | null = null;

  const ask = async (): Promise<string> => {
    const where = `connection ${name}, token endpoint`;
    const { statusCode, body } = await dispatcher
      .request({
        origin,
        path: '/oidc/v1/token',
        method: 'POST',
        headers: {
          authorization: `Basic ${basic}`,
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'backhaul',
        },
        body: 'grant_type=client_credentials&scope=all-apis',
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      })
      .catch((error: unknown) => {
        throw networkError(where, error);
      });
    const text = await body.text().catch(() => '');
    if (statusCode === 429) throw new BackhaulError('source_busy', where);
    if (statusCode >= 500) throw new BackhaulError('source_unreachable', `${where}, HTTP ${statusCode}`);
    const answer = answers.token.safeParse(parsed(text));
    if (statusCode !== 200 || !answer.success) {
      throw new BackhaulError('source_credentials', `${where}, HTTP ${statusCode}`);
    }
    const { access_token, expires_in = DEFAULT_LIFE_S } = answer.data;
    kept = { token: access_token, until: Date.now() + expires_in * 1_000 - MARGIN_MS };
    return access_token;
  };

  return {
    current: (signal) => {
      signal?.throwIfAborted();
      if (kept !== null && Date.now() < kept.until) return Promise.resolve(kept.token);
      asking ??= ask().finally(() => (asking = null));
      return asking;
    },
    refused: (refusedToken) => {
      if (kept?.token === refusedToken) kept = null;
      return true;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
