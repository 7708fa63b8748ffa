import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** Tokens and write keys are letters, digits and few signs; a space, a quote or `Bearer ` came along when it was copied. */
const WELL_FORMED = /^[A-Za-z0-9._~+/=-]+$/;

/** Throws `segment_credential_malformed`, which names the field and never the value. */
export function requireWellFormed(credential: string, field: 'token' | 'writeKey'): void {
  if (!WELL_FORMED.test(credential)) throw new BackhaulError('segment_credential_malformed', field);
}
