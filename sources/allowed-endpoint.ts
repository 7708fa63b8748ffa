import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * The address that a connection names, once it is known to be harmless: an https address of the vendor's own, or one whose
 * origin the operator allows. Otherwise a definition could have the worker send its credentials anywhere.
 *
 * @param vendor host names that are the vendor's own; `*.` in front stands for any name below
 */
export function allowedEndpoint(
  where: { connection: string; field: string },
  endpoint: string,
  vendor: readonly string[],
  allowed: readonly string[],
): URL {
  const url = new URL(endpoint);
  if (allowed.includes(url.origin)) return url;
  if (url.protocol === 'https:' && url.port === '' && vendor.some((host) => isHostOf(url.hostname, host)))
    return url;
  throw new BackhaulError(
    'source_endpoint_refused',
    `connection ${where.connection}, ${where.field}: ${url.origin}`,
  );
}

/** @param vendor `*.` in front stands for any name below */
export const isHostOf = (host: string, vendor: string): boolean =>
  vendor.startsWith('*.') ? host.endsWith(vendor.slice(1)) : host === vendor;
