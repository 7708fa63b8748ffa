import { durationMs } from '../definitions/duration.ts';
import type { Run } from '../vocabulary/run.ts';

/** How long a run took, or takes by now, without its wait for an approval. */
export function runtimeOf(
  { finishedAt, startedAt }: Pick<Run, 'startedAt' | 'finishedAt'>,
  waitedMs: number,
  limit: string,
  now = new Date(),
): { tookMs: number; isOver: boolean } {
  const end = finishedAt === null ? now : new Date(finishedAt);
  const tookMs = end.getTime() - new Date(startedAt).getTime() - waitedMs;
  return { tookMs, isOver: tookMs > durationMs(limit) };
}
