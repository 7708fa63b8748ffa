import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { segmentRegions, type SegmentRegion } from '../../definitions/segment-connection.ts';

/** https://docs.segmentapis.com/tag/Getting-Started */
export const publicApiHosts: Readonly<Record<SegmentRegion, string>> = {
  us: 'https://api.segmentapis.com',
  eu: 'https://eu1.api.segmentapis.com',
};

/**
 * Where the token of a connection is sent. One of Segment's own hosts, or one that the operator allows: else a definition could
 * have the worker hand the token to anyone. Throws `source_endpoint_refused`.
 */
export function publicApiEndpoint(
  connection: string,
  { publicApiUrl, region }: { publicApiUrl?: string | undefined; region: SegmentRegion },
  allowedEndpoints: readonly string[],
): URL {
  const url = new URL(publicApiUrl ?? publicApiHosts[region]);
  const isOwn = segmentRegions.some((own) => publicApiHosts[own] === url.origin);
  if (isOwn || allowedEndpoints.includes(url.origin)) return url;
  throw new BackhaulError('source_endpoint_refused', `connection ${connection}, publicApiUrl: ${url.origin}`);
}
