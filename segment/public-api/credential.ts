import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** Tokens and write keys are letters, digits and few signs; a space, a quote or `Bearer ` came along when it was copied. */
const WELL_FORMED = /^[A-Za-z0-9._~+/=-]+$/;

/** As Segment makes them, and as scanners for secrets find them. */
export const looksLikeToken = (pasted: string): boolean => pasted.startsWith('sgp_');
export const looksLikeWriteKey = (pasted: string): boolean => /^[A-Za-z0-9]{32}$/.test(pasted);

/** Throws `segment_credential_malformed`, which names the field and never the value. */
export function requireWellFormed(credential: string, field: 'token' | 'writeKey'): void {
  if (!WELL_FORMED.test(credential)) throw new BackhaulError('segment_credential_malformed', field);
  // Segment answers 200 to any write key: events sent with a token would be lost without a word.
  if (field === 'writeKey' && looksLikeToken(credential)) {
    throw new BackhaulError('segment_credential_malformed', 'writeKey: a token of the Public API', {
      action: 'Give it as `token`, with `source`; or `backhaul connect segment --token-stdin`.',
    });
  }
}
