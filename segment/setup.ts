import { segmentRegions } from '../definitions/segment-connection.ts';
import type { OfferedSource, SegmentCredential } from '../definitions/segment-credential.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { askForSettings } from './check.ts';
import { settingsUrl } from './endpoint.ts';
import { mayNotList, type PublicApiOptions } from './find-source.ts';
import type { SegmentSource } from './public-api/answers.ts';
import { looksLikeToken, looksLikeWriteKey, requireWellFormed } from './public-api/credential.ts';
import { publicApiEndpoint, publicApiHosts } from './public-api/endpoint.ts';
import { openPublicApi } from './public-api/public-api.ts';

export interface SetupOptions extends PublicApiOptions {
  /** Undefined: tells by what it looks like, and by asking. */
  kind?: SegmentCredential['kind'] | undefined;
  publicApiUrl?: string | undefined;
  settingsUrl?: string | undefined;
  /** Set alone, its server need not know the settings of a source: nobody is asked for them. */
  trackingUrl?: string | undefined;
}

const SERVER = /^server$/i;

/**
 * What a pasted text is, and what it opens. A token is asked for at the hosts of both regions: it is good at one of them. What
 * does not look like a token and no host knows as one is a write key, if it looks like that. Throws `segment_credential_malformed`,
 * `segment_token_refused`, and what a question to the Public API throws.
 */
export async function exploreCredential(pasted: string, options: SetupOptions): Promise<SegmentCredential> {
  requireWellFormed(pasted, options.kind ?? 'token');
  const kind =
    options.kind ?? (looksLikeToken(pasted) ? 'token' : looksLikeWriteKey(pasted) ? 'writeKey' : undefined);
  if (kind === 'writeKey') return askForWriteKey(pasted, options);
  return exploreToken(pasted, options);
}

async function askForWriteKey(writeKey: string, options: SetupOptions): Promise<SegmentCredential> {
  const url = settingsUrl({ ...options, writeKey });
  return { kind: 'writeKey', warning: url === null ? null : await askForSettings(url, options.timeoutMs) };
}

async function exploreToken(token: string, options: SetupOptions): Promise<SegmentCredential> {
  const { allowedEndpoints, hosts = publicApiHosts, publicApiUrl, timeoutMs } = options;
  let failure: BackhaulError | undefined;
  const isRefused = (error: BackhaulError): boolean => error.code === 'segment_token_refused';
  for (const region of segmentRegions) {
    const endpoint = publicApiEndpoint(
      'segment',
      { publicApiUrl: publicApiUrl ?? hosts[region], region },
      allowedEndpoints,
    );
    const api = openPublicApi({ endpoint, token, timeoutMs });
    try {
      const workspace = await api.workspace();
      const sources = await api.sources().catch((error: unknown) => {
        throw error instanceof BackhaulError && isRefused(error)
          ? mayNotList(`workspace ${workspace.slug}`)
          : error;
      });
      return { kind: 'token', region, workspace, sources: sources.map(offered).sort(byUse) };
    } catch (error) {
      if (!(error instanceof BackhaulError)) throw error;
      // A host that says no explains less than one that could not be asked.
      if (failure === undefined || isRefused(failure)) failure = error;
    }
    if (publicApiUrl !== undefined) break;
  }
  if (failure !== undefined && isRefused(failure) && looksLikeWriteKey(token)) {
    const action = 'It looks like a write key: give it by --write-key-stdin.';
    throw new BackhaulError('segment_token_refused', failure.where, { action });
  }
  throw failure ?? new BackhaulError('segment_token_refused');
}

const offered = ({ enabled, id, metadata, name, slug, writeKeys }: SegmentSource): OfferedSource => ({
  id,
  slug,
  name: name ?? slug,
  enabled,
  readable: writeKeys.length > 0,
  server: metadata.categories.some((category) => SERVER.test(category)),
});

/** Those for servers first. */
const byUse = (one: OfferedSource, other: OfferedSource): number =>
  Number(other.server) - Number(one.server) || one.slug.localeCompare(other.slug);
