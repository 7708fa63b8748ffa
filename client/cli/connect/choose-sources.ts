import type { OfferedSource } from '../../../definitions/segment-credential.ts';
import { sourceNamed } from '../../../definitions/segment-source.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { CliIo } from '../io.ts';

/**
 * The sources to make connections of: those that are named, else the only one that can be used, else those that the person
 * chooses. Throws `segment_source_unknown`, `segment_source_disabled`, `segment_token_permission` and `usage`.
 */
export async function chooseSources(
  io: CliIo,
  { sources, workspace }: { sources: readonly OfferedSource[]; workspace: { slug: string } },
  named: readonly string[],
): Promise<OfferedSource[]> {
  if (named.length > 0) return [...new Set(named.map((name) => usable(sources, name)))];
  const forServers = sources.filter(({ server }) => server);
  for (const source of forServers) io.err(`  ${source.slug}${markOf(source)}`);
  const free = forServers.filter(({ enabled, readable }) => enabled && readable);
  const [only, another] = free;
  if (only === undefined) throw nothingUsable(workspace.slug, forServers);
  if (another === undefined) return [only];
  if (io.ask === null) {
    const slugs = free.map(({ slug }) => slug).join(', ');
    throw new BackhaulError('usage', `choose by --source: ${slugs}`);
  }
  const choices = free.map(({ name, slug }) => ({ value: slug, label: slug, hint: name }));
  const chosen = await io.ask.choose('Which sources shall be connected?', choices, true);
  if (chosen.length === 0) throw new BackhaulError('usage', 'no source was chosen');
  return free.filter(({ slug }) => chosen.includes(slug));
}

function usable(sources: readonly OfferedSource[], name: string): OfferedSource {
  const where = `source ${name}`;
  const source = sourceNamed(sources, name, where);
  if (!source.enabled) throw new BackhaulError('segment_source_disabled', where);
  if (!source.readable) throw new BackhaulError('segment_token_permission', where);
  return source;
}

const markOf = ({ enabled, readable }: OfferedSource): string => {
  if (!enabled) return ' (switched off)';
  return readable ? '' : ' (the token may not read its write key: it needs Source Admin)';
};

function nothingUsable(workspace: string, forServers: readonly OfferedSource[]): BackhaulError {
  if (forServers.some(({ enabled, readable }) => enabled && !readable)) {
    return new BackhaulError('segment_token_permission', `workspace ${workspace}: any source for servers`);
  }
  return new BackhaulError('segment_source_unknown', `workspace ${workspace}: no source for servers`, {
    action:
      'Add a source of the kind HTTP API in Segment (Connections, Sources, Add source), or name one by --source.',
  });
}
