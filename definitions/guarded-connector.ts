import { buildConnector } from 'undici';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { guardedLookup, mayLead, type Reaching } from './reach.ts';

/**
 * What undici's dispatchers take as `connect`: it leads where the connection may and nowhere else. Names are looked at when they
 * are resolved; for an address nothing is resolved.
 *
 * @throws to its caller back: address_not_allowed
 */
export function guardedConnector(
  { mayReach }: Reaching,
  options: buildConnector.BuildOptions = {},
): buildConnector.connector {
  if (mayReach === undefined) return buildConnector(options);
  const connect = buildConnector({ ...options, lookup: guardedLookup(mayReach) });
  return (to, done) => {
    const host = to.hostname.replace(/^\[|\]$/g, '');
    if (mayLead(host, mayReach)) return connect(to, done);
    done(new BackhaulError('address_not_allowed', host), null);
  };
}
