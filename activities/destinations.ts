import { openSegment, type SegmentDestination } from '../segment/open.ts';
import { openWriteKeys, type WriteKeys } from '../segment/write-keys.ts';
import type { KeyedSegmentConnection } from '../definitions/references.ts';

export interface OpenDestination {
  connection: KeyedSegmentConnection;
  segment: SegmentDestination;
}

/** Open connections to Segment, shared by the activities of a worker so that sockets stay warm. */
export interface Destinations {
  /** The connection with the write key that it has, or that its token may read. */
  keyed: WriteKeys['resolve'];
  open(connection: KeyedSegmentConnection): OpenDestination;
  close(): Promise<void>;
}

/** @param allowedEndpoints origins beyond Segment's own that may get a token */
export function openDestinations(options: { allowedEndpoints: readonly string[] }): Destinations {
  const opened = new Map<string, OpenDestination>();
  return {
    keyed: openWriteKeys(options).resolve,
    open(connection) {
      // The resolved fields are the identity: a rotated write key must not go on under the old one.
      const identity = JSON.stringify(connection);
      let destination = opened.get(identity);
      if (destination === undefined) {
        destination = { connection, segment: openSegment(connection) };
        opened.set(identity, destination);
      }
      return destination;
    },
    async close() {
      await Promise.all([...opened.values()].map(({ segment }) => segment.close()));
      opened.clear();
    },
  };
}
