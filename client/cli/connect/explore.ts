import type { SegmentRegion } from '../../../definitions/segment-connection.ts';

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
  },
) => Promise<SegmentCredential>;

export type SegmentCredential =
  | {
      kind: 'token';
      region: SegmentRegion;
      workspace: { slug: string; name: string };
      sources: OfferedSource[];
    }
  | { kind: 'writeKey'; warning: string | null };

export interface OfferedSource {
  id: string;
  slug: string;
  name: string;
  enabled: boolean;
  /** Whether the token may read its write key. */
  readable: boolean;
  /** Whether it is of a kind that takes data from servers. */
  server: boolean;
}
