/** A poll lasts up to a minute, so a worker that is there was seen not long ago. */
const RECENTLY_MS = 90_000;

/** What Temporal says of those who poll a task queue, as far as it matters here. */
type Pollers =
  readonly { lastAccessTime?: { seconds?: { toString(): string } | number | null } | null }[] | null;

export const wasSeenRecently = (pollers: Pollers | undefined): boolean =>
  (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENTLY_MS,
  );
