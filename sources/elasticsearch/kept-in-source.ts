/** What a mapping says of `_source`: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-source-field */
export interface SourceMapping {
  enabled?: boolean | string;
  mode?: string;
  includes?: string[];
  excludes?: string[];
}

/**
 * Whether an index keeps the values of a field, by its dotted path. Where it does not, a search shows no value at all and says
 * nothing: that would be read as null.
 */
export function isKeptInSource(source: SourceMapping | undefined, path: string): boolean {
  if (source === undefined) return true;
  const { enabled = true, excludes = [], includes = [], mode } = source;
  if (String(enabled) === 'false' || mode === 'disabled') return false;
  const parts = path.split('.');
  const ways = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  const isNamed = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => ways.some((way) => matches(pattern, way)));
  if (isNamed(excludes)) return false;
  return (
    includes.length === 0 || isNamed(includes) || includes.some((pattern) => pattern.startsWith(`${path}.`))
  );
}

const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*')}$`, 's').test(path);
