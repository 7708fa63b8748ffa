import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { hostOfCloudId } from './cloud-id.ts';

/** Every text in a connection with the field that it stands in. */
export function textsOf(value: unknown, field = ''): [string, string][] {
  if (typeof value === 'string') return [[field, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    textsOf(inner, field === '' ? name : `${field}.${name}`),
  );
}

const isHostField = (field: string): boolean => /(host|node|endpoint|address)$/i.test(field);

/** Hosts that a connection names itself; what a reference names, the operator has chosen. */
export function hostsOf(connection: object): [string, string][] {
  return textsOf(connection).flatMap(([field, text]): [string, string][] => {
    if (field === 'cloudId') {
      const host = hostOfCloudId(text);
      return host === null ? [] : [[field, plain(host.replace(/:\d+$/, ''))]];
    }
    if (URL.canParse(text)) {
      const { hostname, searchParams } = new URL(text);
      // PostgreSQL's clients take these before the host of the address, which may then be empty.
      const others = ['host', 'hostaddr'].flatMap((one) => searchParams.getAll(one));
      const hosts = [hostname, ...others].filter((host) => host !== '');
      if (hosts.length > 0)
        return hosts.flatMap((host) => (host.includes('${') ? [] : [[field, plain(host)]]));
    }
    if (!isHostField(field) || text.includes('${')) return [];
    return [[field, plain(text.replace(/(?<=[^:]):\d+$/, '').replace(/\/.+$/, ''))]];
  });
}

const plain = (host: string): string =>
  decodeURIComponent(host)
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** An address in any form that a client may take: dotted, octal, as one number, IPv6. */
export const isAddress = (host: string): boolean => isIP(host) !== 0 || ipaddr.isValid(host);

/** https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const AZURE_WIRE_SERVER = '168.63.129.16';

/** Anything but a public address counts as inside: loopback, private, link-local, of the cloud's metadata, mapped forms of them. */
export function isInside(address: string, allowed: readonly string[] = []): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'unicast' && parsed.toString() !== AZURE_WIRE_SERVER) return false;
  return !allowed.some((network) => {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

/** By its name. */
export const isAllowed = (host: string, networks: readonly string[]): boolean =>
  networks.some((network) => network.toLowerCase() === host.toLowerCase());
