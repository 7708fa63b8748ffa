import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Socket, type LookupFunction } from 'node:net';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { hostsOf, isAddress, isAllowed, isInside } from './hosts.ts';

/** Of a connection that came by the HTTP API, on a worker. */
export type Reaching = {
  /** Hosts and networks (CIDR) inside that it may lead to. Absent: it may lead anywhere, since the operator has written it. */
  mayReach?: readonly string[];
};

/**
 * Looks up a name for a socket, which then connects to the address that was looked at and to no other: a name that changes its
 * answer in between gains nothing.
 *
 * @throws to the socket: address_not_allowed
 */
export const guardedLookup =
  (mayReach: readonly string[], resolve: LookupFunction = systemLookup): LookupFunction =>
  (host, options, done) =>
    resolve(host, options, (error, address, family) => {
      const found = typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address);
      if (error !== null || isAllowed(host, mayReach) || !found.some((one) => isInside(one, mayReach)))
        return done(error, address, family);
      done(new BackhaulError('address_not_allowed', host), []);
    });

/** A socket that connects to allowed addresses alone, for clients that bring host and port themselves. */
export function guardedSocket(mayReach: readonly string[]): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const lookup = guardedLookup(mayReach);
  return Object.assign(socket, {
    connect(port: unknown, host: unknown): Socket {
      // Anything else is the path of a socket of the worker.
      if (typeof port === 'number' && typeof host === 'string' && mayLead(host, mayReach))
        return connect({ port, host, lookup });
      return socket.destroy(new BackhaulError('address_not_allowed', String(host ?? port)));
    },
  });
}

/** A name passes here: it is looked at when it is resolved. */
export const mayLead = (host: string, mayReach: readonly string[]): boolean =>
  !isAddress(host) || isAllowed(host, mayReach) || !isInside(host, mayReach);

/**
 * Refuses a connection of which a host is inside, before anything connects. A name that is not known passes: its client says so
 * better.
 *
 * @throws address_not_allowed
 */
export async function requireReach(
  name: string,
  connection: object,
  mayReach: readonly string[],
  resolve: (host: string) => Promise<readonly string[]> = addressesOf,
): Promise<void> {
  for (const [field, host] of hostsOf(connection)) {
    if (isAllowed(host, mayReach)) continue;
    const addresses = isAddress(host) ? [host] : await resolve(host);
    if (host.startsWith('/') || addresses.some((address) => isInside(address, mayReach)))
      throw new BackhaulError('address_not_allowed', `connection ${name}, ${field}: ${host}`);
  }
}

/** None when the name is not known here: then it is known to nobody, or to workers elsewhere. */
export const addressesOf = (host: string): Promise<readonly string[]> =>
  new Promise((resolve) => {
    systemLookup(host, { all: true }, (error, found: LookupAddress[]) =>
      resolve(error === null ? found.map(({ address }) => address) : []),
    );
  });
