import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { nearestName } from './nearest.ts';

/** The source that is meant by an id or a slug. Throws `segment_source_unknown`, with the slug that is near. */
export function sourceNamed<Source extends { id: string; slug: string }>(
  sources: readonly Source[],
  name: string,
  where: string,
): Source {
  const source = sources.find(({ id }) => id === name) ?? sources.find(({ slug }) => slug === name);
  if (source !== undefined) return source;
  const { action } = new BackhaulError('segment_source_unknown');
  const slugs = sources.map(({ slug }) => slug);
  const near = nearestName(name, slugs);
  throw new BackhaulError('segment_source_unknown', where, {
    action: near === null ? action : `Did you mean "${near}"? ${action}`,
  });
}
