import type { SegmentCredential } from '../../../definitions/segment-credential.ts';

/**
 * What a pasted text is, and what it opens. The room that asks Segment implements it and is handed in: the client does not import
 * it.
 */
export type ExploreCredential = (
  pasted: string,
  options: {
    kind?: 'token' | 'writeKey' | undefined;
    allowedEndpoints: readonly string[];
    publicApiUrl?: string | undefined;
    settingsUrl?: string | undefined;
    trackingUrl?: string | undefined;
  },
) => Promise<SegmentCredential>;
