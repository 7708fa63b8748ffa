import { createHash } from 'node:crypto';
import type { KeyedSegmentConnection, ResolvedSegmentConnection } from '../definitions/segment-connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { findSource, type PublicApiOptions } from './find-source.ts';

/** So long a write key is used without a question. Longer: fewer questions; shorter: a source that was disabled is noticed sooner. */
const FRESH_MS = 5 * 60_000;
/** So long it is used when the Public API cannot be asked, so that its trouble does not stop a run that is on its way. */
const STALE_MS = 60 * 60_000;
const MAX_KEPT = 500;

export interface WriteKeys {
  /** The connection with the write key that it has, or that its token may read. Throws as `findSource` does. */
  resolve(name: string, connection: ResolvedSegmentConnection): Promise<KeyedSegmentConnection>;
}

interface Kept {
  writeKey: string;
  askedAt: number;
}

/** Write keys by token and source, in the memory of a worker only. */
export function openWriteKeys(options: PublicApiOptions & { now?: () => number }): WriteKeys {
  const { now = Date.now } = options;
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<string>>();

  const ask = async (name: string, access: Parameters<typeof findSource>[1], id: string): Promise<string> => {
    const before = kept.get(id);
    if (before !== undefined && now() - before.askedAt < FRESH_MS) return before.writeKey;
    try {
      const { writeKey } = await findSource(name, access, options);
      kept.delete(id);
      kept.set(id, { writeKey, askedAt: now() });
      for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - MAX_KEPT))) kept.delete(oldest);
      return writeKey;
    } catch (error) {
      const mayPass = error instanceof BackhaulError && error.entry.retryable;
      if (mayPass && before !== undefined && now() - before.askedAt < STALE_MS) return before.writeKey;
      kept.delete(id);
      throw error;
    }
  };

  return {
    async resolve(name, connection) {
      const { writeKey, token, source, region, publicApiUrl } = connection;
      if (writeKey !== undefined) return { ...connection, writeKey };
      if (token === undefined || source === undefined) {
        throw new BackhaulError('definitions_invalid', `connection ${name}: neither writeKey nor token`);
      }
      const id = createHash('sha256')
        .update(JSON.stringify([token, source, region, publicApiUrl]))
        .digest('hex');
      // Lanes ask at the same time; one question is enough.
      const question =
        asking.get(id) ??
        ask(name, { token, source, region, publicApiUrl }, id).finally(() => asking.delete(id));
      asking.set(id, question);
      return { ...connection, writeKey: await question };
    },
  };
}
