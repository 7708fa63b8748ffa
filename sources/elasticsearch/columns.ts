import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column, ColumnKind } from '../../vocabulary/columns.ts';

export interface ElasticsearchColumn extends Column {
  /** The dotted path, or `_id`, `_index`. */
  field: string;
  /**
   * `fields`: in the option of that name of a search, which reads by the mapping. `source`: the JSON of the document.
   * `hit`: it stands beside them.
   */
  from: 'fields' | 'source' | 'hit';
  /** Asked for as `path[]`: every value, as a JSON array. */
  list: boolean;
}

/** Canonical kinds of the types that `fields` reads, by the names of `_field_caps` and of `_sql`. */
const kinds: Readonly<Record<string, ColumnKind>> = {
  long: 'integer',
  integer: 'integer',
  short: 'integer',
  byte: 'integer',
  unsigned_long: 'integer',
  token_count: 'integer',
  double: 'float',
  float: 'float',
  half_float: 'float',
  scaled_float: 'float',
  boolean: 'boolean',
  date: 'timestamp',
  date_nanos: 'timestamp',
  binary: 'binary',
  keyword: 'text',
  constant_keyword: 'text',
  wildcard: 'text',
  text: 'text',
  match_only_text: 'text',
  annotated_text: 'text',
  search_as_you_type: 'text',
  ip: 'text',
  version: 'text',
  geo_point: 'json',
  geo_shape: 'json',
  point: 'json',
  shape: 'json',
  flattened: 'json',
  integer_range: 'json',
  long_range: 'json',
  float_range: 'json',
  double_range: 'json',
  date_range: 'json',
  ip_range: 'json',
};

/** Types that a search can sort by, and whose order is that of the values. */
const SORTABLE = new Set(['integer', 'float', 'boolean', 'timestamp', 'date']);
const SORTABLE_TEXTS = new Set(['keyword', 'constant_keyword', 'wildcard', 'ip', 'version']);
const DATES = new Set(['date', 'date_nanos']);
const HOLDERS = new Set(['object', 'nested', 'passthrough']);

const ID: ElasticsearchColumn = {
  name: '_id',
  kind: 'text',
  sourceType: '_id',
  field: '_id',
  from: 'hit',
  list: false,
};

/** The types that a field has in the indices of a model: by its dotted path. */
export type FieldTypes = ReadonlyMap<string, readonly string[]>;

/** The fields that a model names, its key among them; null: all that is mapped. */
export const namedFields = (model: {
  fields?: readonly string[] | undefined;
  key?: string | undefined;
}): string[] | null =>
  model.fields === undefined
    ? null
    : [...new Set([...model.fields.map(pathOf), ...(model.key === undefined ? [] : [model.key])])];

/**
 * The columns of a model: the fields that it names, or `_id` and every mapped field in the order of the alphabet.
 *
 * @param days fields of dates whose every format has no time
 */
export function columnsOf(
  model: { name: string; fields?: readonly string[] | undefined },
  types: FieldTypes,
  days: ReadonlySet<string>,
): ElasticsearchColumn[] {
  if (model.fields !== undefined) {
    return model.fields.map((field) => columnOf(model.name, field, types, days));
  }
  const mapped = [...types.keys()].filter((field) => isOwnColumn(field, types)).sort();
  return [ID, ...mapped.map((field) => columnOf(model.name, field, types, days))];
}

/** Not a holder of other columns, not in a nested field, and no second form (`fields` of a mapping) of another. */
function isOwnColumn(field: string, types: FieldTypes): boolean {
  for (const parent of parentsOf(field)) {
    const held = types.get(parent) ?? ['object'];
    if (!held.every((type) => HOLDERS.has(type) && type !== 'nested')) return false;
  }
  const isHolder = (types.get(field) ?? []).every((type) => HOLDERS.has(type) && type !== 'nested');
  return !isHolder || ![...types.keys()].some((other) => other.startsWith(`${field}.`));
}

function columnOf(
  model: string,
  asked: string,
  types: FieldTypes,
  days: ReadonlySet<string>,
): ElasticsearchColumn {
  const field = pathOf(asked);
  const list = field !== asked;
  const where = `model ${model}, field "${field}"`;
  if (field === '_id' || field === '_index') return { ...ID, name: field, field, sourceType: field };
  const nested = parentsOf(field).find((parent) => types.get(parent)?.includes('nested'));
  if (nested !== undefined) {
    throw new BackhaulError('source_value_unsupported', where, {
      action: `Name the nested field "${nested}" in fields: it arrives as JSON.`,
    });
  }
  const names = types.get(field);
  if (names === undefined) throw new BackhaulError('source_column_missing', where);
  const sourceType = `${[...names].sort().join(', ')}${list ? '[]' : ''}`;
  const fromSource = names.some((name) => kinds[name] === undefined);
  const base = { name: field, sourceType, field, list, from: fromSource ? 'source' : 'fields' } as const;
  if (list || fromSource) return { ...base, kind: 'json' };
  const found = new Set(names.map((name) => (days.has(field) ? 'date' : kinds[name])));
  const [kind = 'json'] = found;
  if (found.size > 1) {
    throw new BackhaulError('source_value_unsupported', `${where}: ${sourceType}`, {
      action: `Give the field one type in every index of the model, or name it as "${field}[]" in fields, to get JSON.`,
    });
  }
  return { ...base, kind };
}

/**
 * How to sort by the key of a model.
 *
 * @throws BackhaulError key_type_unsupported, source_column_missing
 */
export function sortBy(model: { name: string; key?: string | undefined }, types: FieldTypes): object[] {
  const { key, name } = model;
  // The cheapest order there is; it holds within one point in time.
  if (key === undefined) return [{ _shard_doc: 'asc' }];
  const where = `model ${name}, key "${key}"`;
  const names = types.get(key);
  if (names === undefined && !key.startsWith('_')) throw new BackhaulError('source_column_missing', where);
  const [type = ''] = names ?? [];
  if (!SORTABLE.has(kinds[type] ?? '') && !SORTABLE_TEXTS.has(type)) {
    throw new BackhaulError('key_type_unsupported', where, {
      action: 'Name a field of keyword, number or date in key, or leave it out.',
    });
  }
  const format = DATES.has(type) ? { format: 'strict_date_optional_time_nanos' } : {};
  return [{ [key]: { order: 'asc', unmapped_type: type, ...format } }];
}

/** The kind of a column of `_sql`. */
export const kindOfSqlType = (type: string): ColumnKind =>
  type === 'datetime'
    ? 'timestamp'
    : type === 'date'
      ? 'date'
      : type.startsWith('geo')
        ? 'text'
        : (kinds[type] ?? 'text');

const pathOf = (asked: string): string => (asked.endsWith('[]') ? asked.slice(0, -2) : asked);

function parentsOf(path: string): string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
