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
  /** What a document writes may be the value itself: see plain-page.ts. */
  isPlain: boolean;
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
const HOLDERS = new Set(['object', 'nested', 'passthrough']);

const ID: ElasticsearchColumn = {
  name: '_id',
  kind: 'text',
  sourceType: '_id',
  field: '_id',
  from: 'hit',
  list: false,
  isPlain: false,
};

/** What the mappings tell of the fields. */
export interface Mapped {
  /** Dates whose every format, in every index, is that of a day. */
  days: ReadonlySet<string>;
  /** Fields that have the value that a document writes, when it writes it in the type's own form. */
  plain: ReadonlySet<string>;
  /** False for a field whose values an index does not keep. */
  isKept(path: string): boolean;
}

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

/** The columns of a model: the fields that it names, or `_id` and every mapped field that is kept, in the order of the alphabet. */
export function columnsOf(
  model: { name: string; fields?: readonly string[] | undefined },
  types: FieldTypes,
  mapped: Mapped,
): ElasticsearchColumn[] {
  if (model.fields !== undefined) {
    return model.fields.map((field) => columnOf(model.name, field, types, mapped));
  }
  const own = [...types.keys()].filter((field) => isOwnColumn(field, types) && mapped.isKept(field)).sort();
  return [ID, ...own.map((field) => columnOf(model.name, field, types, mapped))];
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
  { days, isKept, plain }: Mapped,
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
  if (!isKept(field)) {
    throw new BackhaulError('source_value_unsupported', `${where}: an index does not keep it in _source`, {
      action: 'Leave it out of fields, or change _source in the mapping and index the documents anew.',
    });
  }
  const sourceType = `${[...names].sort().join(', ')}${list ? '[]' : ''}`;
  const fromSource = names.some((name) => kinds[name] === undefined);
  const from = fromSource ? 'source' : 'fields';
  const base = { name: field, sourceType, field, list, from, isPlain: false } as const;
  if (list || fromSource) return { ...base, kind: 'json' };
  const found = new Set(names.map((name) => (days.has(field) ? 'date' : kinds[name])));
  const [kind = 'json'] = found;
  if (found.size > 1) {
    throw new BackhaulError('source_value_unsupported', `${where}: ${sourceType}`, {
      action: `Give the field one type in every index of the model, or name it as "${field}[]" in fields, to get JSON.`,
    });
  }
  return { ...base, kind, isPlain: plain.has(field) };
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
  const [type = '', ...others] = names ?? [];
  // Values of several types have no order in common: a page would begin behind rows that were never read.
  if (others.length > 0) {
    throw new BackhaulError('key_type_unsupported', `${where}: ${[type, ...others].sort().join(', ')}`, {
      action: 'Name a field that has one type in every index of the model in key, or leave it out.',
    });
  }
  if (!SORTABLE.has(kinds[type] ?? '') && !SORTABLE_TEXTS.has(type)) {
    throw new BackhaulError('key_type_unsupported', where, {
      action: 'Name a field of keyword, number or date in key, or leave it out.',
    });
  }
  // Dates without a format: with one, Elasticsearch gives null for a document without a date, and refuses to go on behind it.
  return [{ [key]: { order: 'asc', unmapped_type: type } }];
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
