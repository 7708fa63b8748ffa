import type { SegmentRegion } from './segment-connection.ts';

/** What a pasted text is, and what it opens. */
export type SegmentCredential =
  | {
      kind: 'token';
      region: SegmentRegion;
      workspace: { slug: string; name: string };
      sources: OfferedSource[];
    }
  /** `warning`: Segment's settings endpoint does not know it, or could not be asked. */
  | { kind: 'writeKey'; warning: string | null };

/** A source as a person chooses among them. */
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
