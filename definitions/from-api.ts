import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { piecesOf } from './reference-syntax.ts';
import type { Definitions } from './schema.ts';
import { literalSecretsOf } from './secrets.ts';

/** What the operator lets definitions from the HTTP API do. */
export interface ApiPermissions {
  /** Names of environment variables that they may refer to. */
  variables: readonly string[];
  /** Hosts and networks (CIDR) inside that they may name. */
  networks: readonly string[];
}

type Connection = Definitions['connections'][string];

/**
 * Refuses a connection from the HTTP API that would read what its sender need not know: variables that are not listed, files of
 * the worker, addresses inside of the network. Names are looked at as they are written; `resolve` gives their addresses.
 *
 * @throws reference_not_allowed, address_not_allowed, definitions_invalid
 */
export async function checkFromApi(
  name: string,
  connection: Connection,
  permissions: ApiPermissions,
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<void> {
  const literal = literalSecretsOf(connection);
  if (literal.length > 0) {
    throw new BackhaulError('definitions_invalid', `connection ${name}: ${literal.join(', ')} is a secret`, {
      action:
        'Send it in `secrets` of POST /v1/connections, or refer to a variable that the operator has listed.',
    });
  }
  for (const [field, value] of textsOf(connection)) {
    for (const piece of piecesOf(value)) {
      if (piece.kind === 'file')
        throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: a file`);
      if (piece.kind === 'variable' && !permissions.variables.includes(piece.name))
        throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: ${piece.name}`);
    }
  }
  for (const [field, host] of hostsOf(connection)) {
    if (isAllowed(host, permissions.networks)) continue;
    const addresses = isAddress(host) ? [host] : await resolve(host);
    if (host.startsWith('/') || addresses.some((address) => isInside(address, permissions.networks)))
      throw new BackhaulError('address_not_allowed', `connection ${name}, ${field}: ${host}`);
  }
}

/** Every text in a connection with the field that it stands in. */
function textsOf(value: unknown, field = ''): [string, string][] {
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
    if (field === 'cloudId') return hostsOfCloudId(text).map((host) => [field, host]);
    if (URL.canParse(text) && new URL(text).host !== '') {
      const { hostname, searchParams } = new URL(text);
      // PostgreSQL's clients take these before the host of the address.
      const others = ['host', 'hostaddr'].flatMap((one) => searchParams.getAll(one));
      return [hostname, ...others].flatMap((host) => (host.includes('${') ? [] : [[field, plain(host)]]));
    }
    if (!isHostField(field) || text.includes('${')) return [];
    return [[field, plain(text.replace(/(?<=[^:]):\d+$/, '').replace(/\/.+$/, ''))]];
  });
}

/** `name:BASE64`, where the latter is `domain$id$id` (https://www.elastic.co/docs/deploy-manage/deploy/elastic-cloud/find-cloud-id). */
const hostsOfCloudId = (text: string): string[] => {
  const [domain = ''] = Buffer.from(text.split(':')[1] ?? '', 'base64')
    .toString('utf8')
    .split('$');
  return domain === '' ? [] : [plain(domain.replace(/:\d+$/, ''))];
};

const plain = (host: string): string =>
  decodeURIComponent(host)
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** An address in any form that a client may take: dotted, octal, as one number, IPv6. */
export const isAddress = (host: string): boolean => isIP(host) !== 0 || ipaddr.isValid(host);

/** Anything but a public address counts as inside: loopback, private, link-local, of the cloud's metadata, mapped forms of them. */
export function isInside(address: string, allowed: readonly string[] = []): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'unicast') return false;
  return !allowed.some((network) => {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

const isAllowed = (host: string, networks: readonly string[]): boolean =>
  networks.some((network) => network.toLowerCase() === host.toLowerCase());
