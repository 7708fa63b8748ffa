import type { ResolvedSegmentConnection } from '../definitions/segment-connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { CHECK_TIMEOUT_MS, checkWriteKey, reach } from './check.ts';
import { debuggerUrl } from './debugger-url.ts';
import { batchUrl } from './endpoint.ts';
import { findSource, type PublicApiOptions } from './find-source.ts';

export interface SegmentCheck {
  warnings: string[];
  /** What the credentials showed of themselves. */
  notes: string[];
  writeKey: string;
  /** The source's debugger in Segment; null when only the write key is known. */
  debuggerUrl: string | null;
}

/**
 * Whether events of a connection would come in: the hosts answer, the token may read the write key of the source, the source is
 * enabled; of a write key alone, what `checkWriteKey` can tell. Throws as that and `findSource` do.
 */
export async function checkSegment(
  name: string,
  connection: ResolvedSegmentConnection,
  options: PublicApiOptions,
): Promise<SegmentCheck> {
  const { writeKey, token, source: wanted } = connection;
  const { timeoutMs = CHECK_TIMEOUT_MS } = options;
  if (writeKey !== undefined) {
    const { warnings } = await checkWriteKey({ ...connection, writeKey }, { timeoutMs });
    return { warnings, notes: [], writeKey, debuggerUrl: null };
  }
  if (token === undefined || wanted === undefined) {
    throw new BackhaulError('definitions_invalid', `connection ${name}: neither writeKey nor token`);
  }
  const found = await findSource(name, { ...connection, token, source: wanted }, options);
  const workspace = await found.api.workspace();
  await reach(batchUrl(connection), timeoutMs, connection);
  const readable = found.all.filter(({ writeKeys }) => writeKeys.length > 0).length;
  return {
    warnings: [],
    notes: [
      `the token opens the workspace ${workspace.slug} (${connection.region})`,
      `it may read the write key of the source ${found.source.slug} (Source Admin), and of ${readable} of the ${found.all.length} sources that it sees`,
    ],
    writeKey: found.writeKey,
    debuggerUrl: debuggerUrl(connection.region, workspace.slug, found.source.slug),
  };
}
