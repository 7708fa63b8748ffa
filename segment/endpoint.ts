import type { KeyedSegmentConnection } from '../definitions/segment-connection.ts';

/** Segment's hosts: docs of Segment, guides/regional-segment. */
const trackingHosts = { us: 'https://api.segment.io', eu: 'https://events.eu1.segmentapis.com' } as const;
/** Where Segment's own destination checks a write key; one host for both regions. */
const SETTINGS_HOST = 'https://cdn.segment.com';

/** Where batches of a connection are posted. A `trackingUrl` may end in /v1 or /v1/batch already. */
export function batchUrl({
  region,
  trackingUrl,
}: Pick<KeyedSegmentConnection, 'region' | 'trackingUrl'>): URL {
  const url = new URL(trackingUrl ?? trackingHosts[region]);
  url.pathname = `${url.pathname.replace(/(\/v1(\/batch)?)?\/*$/, '')}/v1/batch`;
  url.hash = '';
  return url;
}

/** Where the settings of the source are. Null when only `trackingUrl` is set: its server need not have any. */
export function settingsUrl(
  connection: Pick<KeyedSegmentConnection, 'writeKey' | 'trackingUrl' | 'settingsUrl'>,
): URL | null {
  if (connection.settingsUrl === undefined && connection.trackingUrl !== undefined) return null;
  const url = new URL(connection.settingsUrl ?? SETTINGS_HOST);
  url.pathname = `${url.pathname.replace(/\/*$/, '')}/v1/projects/${encodeURIComponent(connection.writeKey)}/settings`;
  return url;
}
