import { segmentRegions, type SegmentRegion } from '../definitions/segment-connection.ts';
import { sourceNamed } from '../definitions/segment-source.ts';
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
 * The source of a connection as it is. Throws `segment_token_refused`, `segment_token_permission`, `segment_region_wrong`,
 * `segment_source_unknown`, and what a question to the Public API throws.
 */
export async function lookUpSource(
  name: string,
  access: TokenAccess,
  options: PublicApiOptions,
): Promise<LookedUpSource> {
  const endpoint = endpointOf(name, access, access.region, options);
  const api = openPublicApi({ endpoint, token: access.token, timeoutMs: options.timeoutMs });
  const all = await api.sources().catch(async (error: unknown) => {
    throw (await whyRefused(name, access, options, error)) ?? error;
  });
  const source = sourceNamed(all, access.source, `connection ${name}, source ${access.source}`);
  return { api, source, all };
}

const endpointOf = (
  name: string,
  { publicApiUrl }: Pick<TokenAccess, 'publicApiUrl'>,
  region: SegmentRegion,
  { allowedEndpoints, hosts = publicApiHosts }: PublicApiOptions,
): URL => publicApiEndpoint(name, { publicApiUrl: publicApiUrl ?? hosts[region], region }, allowedEndpoints);

/**
 * A token of another region, and one that may not list sources, are refused like one that is wrong: so the hosts are asked for the
 * workspace, which any token may see, before that is said.
 */
async function whyRefused(
  name: string,
  access: TokenAccess,
  options: PublicApiOptions,
  error: unknown,
): Promise<BackhaulError | undefined> {
  const isRefused = error instanceof BackhaulError && error.code === 'segment_token_refused';
  if (!isRefused) return undefined;
  const others = segmentRegions.filter((other) => other !== access.region);
  for (const region of [access.region, ...(access.publicApiUrl === undefined ? others : [])]) {
    const endpoint = endpointOf(name, access, region, options);
    const { token } = access;
    try {
      await openPublicApi({ endpoint, token, timeoutMs: options.timeoutMs }).workspace();
    } catch {
      continue;
    }
    if (region === access.region) return mayNotList(`connection ${name}`);
    const where = `connection ${name}: region is ${access.region}, the workspace is in ${region}`;
    return new BackhaulError('segment_region_wrong', where);
  }
  return undefined;
}

/** Of a token that is good, and opens no sources. */
export const mayNotList = (where: string): BackhaulError =>
  new BackhaulError(
    'segment_token_permission',
    `${where}: the token may not list the sources of its workspace`,
  );
