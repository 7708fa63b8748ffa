import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ElasticsearchClient } from './client.ts';
import type { FieldTypes } from './columns.ts';
import type { Asked } from './errors.ts';

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
  properties?: Record<string, Mapping>;
  /** Second forms of the field. */
  fields?: Record<string, Mapping>;
}

/** What only the mappings of an index tell. */
export interface MappedFields {
  /** Dates whose every format, in every index, is that of a day. */
  days: ReadonlySet<string>;
  /** `object` or `nested` by path, also of objects that are not looked into. */
  holders: ReadonlyMap<string, string>;
}

/** Needs the privilege `view_index_metadata`. */
export async function mappedFields(
  client: ElasticsearchClient,
  index: string,
  asked: Asked,
): Promise<MappedFields> {
  const answer = await client.ask({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_mapping`,
    query: { filter_path: '*.mappings.properties' },
    asked: { ...asked, privileges: ['read', 'view_index_metadata'] },
    retries: 2,
  });
  const isDay = new Map<string, boolean>();
  const holders = new Map<string, string>();
  const look = (fields: Record<string, Mapping> = {}, prefix = ''): void => {
    for (const [name, mapping] of Object.entries(fields)) {
      const { format = '', type = 'object' } = mapping;
      const path = prefix + name;
      if (type === 'object' || type === 'nested') holders.set(path, type);
      if (type === 'date' || type === 'date_nanos') {
        const hasDays = format.split('||').every((one) => DAY_FORMAT.test(one));
        isDay.set(path, hasDays && (isDay.get(path) ?? true));
      }
      look(mapping.properties, `${path}.`);
      look(mapping.fields, `${path}.`);
    }
  };
  for (const { mappings } of Object.values(JSON.parse(answer) as Record<string, { mappings: Mapping }>)) {
    look(mappings.properties);
  }
  return { days: new Set([...isDay].flatMap(([path, day]) => (day ? [path] : []))), holders };
}
