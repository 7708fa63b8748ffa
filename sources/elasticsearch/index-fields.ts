import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ElasticsearchClient } from './client.ts';
import { datesIn, type FieldTypes } from './columns.ts';
import type { Asked } from './errors.ts';

/** Formats of a date without a time: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-date-format */
const DAY_FORMAT =
  /^(?:strict_)?(?:date|basic_date|year_month_day|weekyear_week_day|basic_ordinal_date|ordinal_date|basic_week_date|week_date)$|^[uy]{4}([-./]?)MM\1dd$|^dd([-./])MM\2[uy]{4}$/;
/** So many characters of a path are safe: a node takes 4 KB for the first line of a request, by default. */
const MAX_PATH = 3000;

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

/** The dates whose every format, in every index, is that of a day. Needs the privilege `view_index_metadata`. */
export async function dayFields(
  client: ElasticsearchClient,
  index: string,
  types: FieldTypes,
  asked: Asked,
): Promise<Set<string>> {
  const dates = datesIn(types);
  if (dates.length === 0) return new Set();
  const formats = new Map<string, string[]>();
  const wanted = dates.join(',');
  const path = `/${encodeURIComponent(index)}/_mapping/field/`;
  const answer = await client.ask({
    method: 'GET',
    path: path + (path.length + wanted.length > MAX_PATH ? '*' : encodeURIComponent(wanted)),
    asked: { ...asked, privileges: ['read', 'view_index_metadata'] },
    retries: 2,
  });
  const indices = JSON.parse(answer) as Record<
    string,
    { mappings: Record<string, { mapping: Record<string, { format?: string }> }> }
  >;
  for (const { mappings } of Object.values(indices)) {
    for (const [field, { mapping }] of Object.entries(mappings)) {
      const [{ format = '' } = {}] = Object.values(mapping);
      formats.set(field, [...(formats.get(field) ?? []), ...format.split('||')]);
    }
  }
  const isDay = (field: string): boolean =>
    formats.get(field)?.every((format) => DAY_FORMAT.test(format)) ?? false;
  return new Set(dates.filter(isDay));
}
