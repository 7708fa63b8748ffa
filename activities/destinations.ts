import { openSegment, type SegmentDestination } from '../segment/open.ts';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ResolvedSegmentConnection } from '../definitions/references.ts';
import { resolveSegment } from './resolve-ends.ts';

export interface OpenDestination {
  connection: ResolvedSegmentConnection;
  segment: SegmentDestination;
}

/** Open connections to Segment, shared by the activities of a worker so that sockets stay warm. */
export interface Destinations {
  open(name: string, definition: ConnectionDefinition, env: NodeJS.ProcessEnv): OpenDestination;
  close(): Promise<void>;
}

export function openDestinations(): Destinations {
  const opened = new Map<string, OpenDestination>();
  return {
    open(name, definition, env) {
      const connection = resolveSegment(name, definition, env);
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
