import { blobName, type BlobName } from './ids.ts';

/** A request to Segment as it left, and what came back. Holds row values, and neither write key nor token. */
export interface Exchange {
  request: {
    method: 'POST';
    /** Without its query, which may hold a secret. */
    url: string;
    headers: Record<string, string>;
    body: string;
  };
  /** Null: none came. The body as far as it was read. */
  answer: { status: number; body: string } | null;
}

/** Where the exchange of a POST is at rest. Of runs of a single row only. */
export const exchangeName = (run: string, post: number): BlobName =>
  blobName('runs', run, 'exchanges', `post-${post}.json`);
