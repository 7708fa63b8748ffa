import { Agent, request } from 'undici';
import { guardedConnector } from '../definitions/guarded-connector.ts';
import type { KeyedSegmentConnection } from '../definitions/segment-connection.ts';
import type { Reaching } from '../definitions/reach.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { batchUrl, settingsUrl } from './endpoint.ts';
import { errorCodeOf } from './error-code.ts';
import { requireWellFormed } from './public-api/credential.ts';

/** A check that takes longer is given up. */
export const CHECK_TIMEOUT_MS = 10_000;
/** "Every write key is 32 characters long": a maintainer in segmentio/analytics-node#235. */
const WRITE_KEY_CHARACTERS = 32;

type CheckedConnection = Pick<KeyedSegmentConnection, 'writeKey' | 'region' | 'trackingUrl' | 'settingsUrl'> &
  Reaching;

/**
 * Whether the tracking host can be reached, and whether Segment knows the write key. The key is asked for at the
 * settings endpoint, as Segment's own destination does, since the tracking API answers 200 to any key; not every valid
 * key is found there (segmentio/analytics-react-native#873), so that is a warning. Throws `write_key_empty`,
 * `segment_credential_malformed` and `segment_unreachable`.
 */
export async function checkWriteKey(
  connection: CheckedConnection,
  { timeoutMs = CHECK_TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<{ warnings: string[] }> {
  if (connection.writeKey.trim() === '') throw new BackhaulError('write_key_empty');
  requireWellFormed(connection.writeKey, 'writeKey');
  await reach(batchUrl(connection), timeoutMs, connection);
  const warnings: string[] = [];
  if (connection.writeKey.length !== WRITE_KEY_CHARACTERS) {
    warnings.push(`The write key is not ${WRITE_KEY_CHARACTERS} characters long, as those of Segment are.`);
  }
  const url = settingsUrl(connection);
  const warning = url === null ? null : await askForSettings(url, timeoutMs, connection);
  if (warning !== null) warnings.push(warning);
  return { warnings };
}

/** Name, TCP and TLS; says nothing to the server. Throws `segment_unreachable`. */
export async function reach(url: URL, timeoutMs: number, reaching: Reaching = {}): Promise<void> {
  const connect = guardedConnector(reaching, { timeout: timeoutMs });
  const { hostname, protocol, port, host } = url;
  await new Promise<void>((resolve, reject) => {
    connect({ hostname: hostname.replace(/^\[|\]$/g, ''), host, protocol, port }, (error, socket) => {
      if (error !== null)
        return reject(new BackhaulError('segment_unreachable', `${host}, ${errorCodeOf(error)}`));
      socket.destroy();
      resolve();
    });
  });
}

/** What is to be said of a write key by what the settings endpoint answers; null: it knows the key. */
export async function askForSettings(
  url: URL,
  timeoutMs = CHECK_TIMEOUT_MS,
  reaching: Reaching = {},
): Promise<string | null> {
  const dispatcher = new Agent({ connect: guardedConnector(reaching) });
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(timeoutMs) });
    await body.dump();
    if (statusCode >= 200 && statusCode < 300) return null;
    if (statusCode === 404) {
      return "The write key is not known to Segment's settings endpoint. A wrong key loses every event without an error, so compare it with the one that the source shows.";
    }
    return `Could not check the write key: ${url.host} answered HTTP ${statusCode}.`;
  } catch (error) {
    return `Could not check the write key at ${url.host}: ${errorCodeOf(error)}.`;
  } finally {
    await dispatcher.destroy();
  }
}
