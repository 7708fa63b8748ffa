import { nearestName } from '../definitions/nearest.ts';
import { segmentRegions, type SegmentRegion } from '../definitions/segment-connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { SegmentSource } from './public-api/answers.ts';
import { publicApiEndpoint, publicApiHosts } from './public-api/endpoint.ts';
import { openPublicApi, type PublicApi } from './public-api/public-api.ts';

/** Access to Segment by a token of the Public API and the slug or id of a source. */
export interface TokenAccess {
  token: string;
  source: string;
  region: SegmentRegion;
  publicApiUrl?: string | undefined;
}

export interface PublicApiOptions {
  /** Origins beyond Segment's own that may get a token. */
  allowedEndpoints: readonly string[];
  /** @default Segment's own */
  hosts?: Readonly<Record<SegmentRegion, string>>;
  timeoutMs?: number | undefined;
}

export interface LookedUpSource {
  api: PublicApi;
  source: SegmentSource;
  /** All that the token sees. */
  all: SegmentSource[];
}

/**
 * The source of a connection and its write key, if it can take events. Throws `segment_source_disabled`,
 * `segment_token_permission`, and as `lookUpSource` does.
 */
export async function findSource(
  name: string,
  access: TokenAccess,
  options: PublicApiOptions,
): Promise<LookedUpSource & { writeKey: string }> {
  const found = await lookUpSource(name, access, options);
  const where = `connection ${name}, source ${access.source}`;
  if (!found.source.enabled) throw new BackhaulError('segment_source_disabled', where);
  const writeKey = found.source.writeKeys[0];
  if (writeKey === undefined) throw new BackhaulError('segment_token_permission', where);
  return { ...found, writeKey };
}

/**
 * The source of a connection as it is. Throws `segment_token_refused`, `segment_region_wrong`, `segment_source_unknown`, and what a
 * question to the Public API throws.
 */
export async function lookUpSource(
  name: string,
  access: TokenAccess,
  options: PublicApiOptions,
): Promise<LookedUpSource> {
  const endpoint = endpointOf(name, access, access.region, options);
  const api = openPublicApi({ endpoint, token: access.token, timeoutMs: options.timeoutMs });
  const all = await api.sources().catch(async (error: unknown) => {
    throw (await otherRegion(name, access, options, error)) ?? error;
  });
  const where = `connection ${name}, source ${access.source}`;
  const source = all.find(({ id }) => id === access.source) ?? all.find(({ slug }) => slug === access.source);
  if (source === undefined) {
    const { action } = new BackhaulError('segment_source_unknown');
    const near = nearestName(
      access.source,
      all.map(({ slug }) => slug),
    );
    throw new BackhaulError('segment_source_unknown', where, {
      action: near === null ? action : `Did you mean "${near}"? ${action}`,
    });
  }
  return { api, source, all };
}

const endpointOf = (
  name: string,
  { publicApiUrl }: Pick<TokenAccess, 'publicApiUrl'>,
  region: SegmentRegion,
  { allowedEndpoints, hosts = publicApiHosts }: PublicApiOptions,
): URL => publicApiEndpoint(name, { publicApiUrl: publicApiUrl ?? hosts[region], region }, allowedEndpoints);

/** A token of another region is refused like one that is wrong: so the other hosts are asked before that is said. */
async function otherRegion(
  name: string,
  access: TokenAccess,
  options: PublicApiOptions,
  error: unknown,
): Promise<BackhaulError | undefined> {
  const isRefused = error instanceof BackhaulError && error.code === 'segment_token_refused';
  if (!isRefused || access.publicApiUrl !== undefined) return undefined;
  for (const region of segmentRegions.filter((other) => other !== access.region)) {
    const endpoint = endpointOf(name, access, region, options);
    const { token } = access;
    try {
      await openPublicApi({ endpoint, token, timeoutMs: options.timeoutMs }).workspace();
    } catch {
      continue;
    }
    const where = `connection ${name}: region is ${access.region}, the workspace is in ${region}`;
    return new BackhaulError('segment_region_wrong', where);
  }
  return undefined;
}
