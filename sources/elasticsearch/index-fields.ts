import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ElasticsearchClient } from './client.ts';
import type { FieldTypes, Mapped } from './columns.ts';
import type { Asked } from './errors.ts';
import { isKeptInSource, type SourceMapping } from './kept-in-source.ts';

/** Formats of a date without a time: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-date-format */
const DAY_FORMAT =
  /^(?:strict_)?(?:date|basic_date|year_month_day|weekyear_week_day|basic_ordinal_date|ordinal_date|basic_week_date|week_date)$|^[uy]{4}([-./]?)MM\1dd$|^dd([-./])MM\2[uy]{4}$/;
/** The types of fields, by `_field_caps`, for which the privilege `read` is enough. */
export async function fieldTypes(
  client: ElasticsearchClient,
  index: string,
  fields: readonly string[] | null,
  asked: Asked,
): Promise<FieldTypes> {
  const answer = await client.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_field_caps`,
    query: { filters: '-metadata' },
    body: JSON.stringify({ fields: fields ?? ['*'] }),
    asked,
    retries: 2,
  });
  const caps = JSON.parse(answer) as {
    indices: string | string[];
    fields: Record<string, Record<string, unknown>>;
  };
  if (caps.indices.length === 0) {
    const where = `connection ${asked.connection}, model ${asked.model?.name ?? ''}, "${index}"`;
    throw new BackhaulError('source_table_missing', where);
  }
  return new Map(Object.entries(caps.fields).map(([field, types]) => [field, Object.keys(types)]));
}

interface Mapping {
  type?: string;
  format?: string;
  null_value?: unknown;
  normalizer?: string;
  /** The value is computed when a document is indexed. */
  script?: unknown;
  /** Of an alias. */
  path?: string;
  copy_to?: string | string[];
  properties?: Record<string, Mapping>;
  /** Second forms of the field. */
  fields?: Record<string, Mapping>;
}

interface IndexMapping extends Mapping {
  _source?: SourceMapping;
  runtime?: Record<string, unknown>;
}

/** What only the mappings of an index tell. */
export interface MappedFields extends Mapped {
  /** `object` or `nested` by path, also of objects that are not looked into. */
  holders: ReadonlyMap<string, string>;
  /** How many fields there are. */
  count: number;
}

const PLAIN_TYPES = new Set([
  'long',
  'integer',
  'short',
  'byte',
  'double',
  'float',
  'boolean',
  'keyword',
  'text',
  'date',
  'date_nanos',
  'ip',
]);

/** An index of which nothing is left has no mapping, and so no document with a field. */
const READ_OF_MAPPINGS = ['_source', 'dynamic', 'enabled', 'properties', 'runtime'];

/** Needs the privilege `view_index_metadata`. */
export async function mappedFields(
  client: ElasticsearchClient,
  index: string,
  asked: Asked,
): Promise<MappedFields> {
  const answer = await client.ask({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_mapping`,
    query: { filter_path: READ_OF_MAPPINGS.map((part) => `*.mappings.${part}`).join() },
    asked: { ...asked, privileges: ['read', 'view_index_metadata'] },
    retries: 2,
  });
  const isDay = new Map<string, boolean>();
  const holders = new Map<string, string>();
  const paths = new Set<string>();
  const plain = new Map<string, number>();
  const notPlain = new Set<string>();
  const aliases = new Map<string, string>();
  const lookForPlain = (path: string, mapping: Mapping): void => {
    const { copy_to: copies = [], format, normalizer, null_value: nullValue, script, type = '' } = mapping;
    for (const target of [copies].flat()) notPlain.add(target);
    const changes = [normalizer, nullValue, script];
    const isOwn = PLAIN_TYPES.has(type) && changes.every((change) => change === undefined);
    const hasDays = format?.split('||').every((one) => DAY_FORMAT.test(one)) ?? true;
    if (isOwn && hasDays) plain.set(path, (plain.get(path) ?? 0) + 1);
  };
  const look = (fields: Record<string, Mapping> = {}, prefix = '', isSecondForm = false): void => {
    for (const [name, mapping] of Object.entries(fields)) {
      const { format = '', type = 'object' } = mapping;
      const path = prefix + name;
      if (type === 'object' || type === 'nested') holders.set(path, type);
      if (type === 'date' || type === 'date_nanos') {
        const hasDays = format.split('||').every((one) => DAY_FORMAT.test(one));
        isDay.set(path, hasDays && (isDay.get(path) ?? true));
      }
      if (mapping.path !== undefined) aliases.set(path, mapping.path);
      if (!isSecondForm) lookForPlain(path, mapping);
      if (!isSecondForm && type !== 'object') paths.add(path);
      look(mapping.properties, `${path}.`, isSecondForm);
      look(mapping.fields, `${path}.`, true);
    }
  };
  const indices = Object.values(JSON.parse(answer) as Record<string, { mappings: IndexMapping }>);
  const runtime = new Set<string>();
  for (const { mappings } of indices) {
    look(mappings.properties);
    for (const field of Object.keys(mappings.runtime ?? {})) runtime.add(field);
  }
  const keysOf = <T>(found: Map<string, T>, isWanted: (value: T) => boolean): string[] =>
    [...found].flatMap(([path, value]) => (isWanted(value) ? [path] : []));
  // Where a field is mapped in some of the indices only, others may write it without having it.
  const everywhere = keysOf(plain, (count) => count === indices.length);
  return {
    days: new Set(keysOf(isDay, Boolean)),
    holders,
    plain: new Set(everywhere.filter((path) => !notPlain.has(path) && !runtime.has(path))),
    isKept(path) {
      const target = aliases.get(path) ?? path;
      return runtime.has(path) || indices.every(({ mappings }) => isKeptInSource(mappings._source, target));
    },
    count: paths.size,
  };
}
