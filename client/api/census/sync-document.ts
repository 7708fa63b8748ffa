import { durationMs } from '../../../definitions/duration.ts';
import type { MappingEntry } from '../../../definitions/mapping-entry.ts';
import type { BehaviorName } from '../../../definitions/objects.ts';
import type { ScheduleDefinition } from '../../../definitions/schedule.ts';
import type { SyncDefinition } from '../../../definitions/sync.ts';
import type { DefinitionTimes } from '../../../ledger/definitions.ts';
import type { RunStatus } from '../../../vocabulary/run.ts';
import { idOf, type Catalog } from './catalog.ts';

/** What a sync's document says besides its definition. */
export interface SyncFacts {
  times: DefinitionTimes | undefined;
  /** How its last run ended that completed or failed. */
  lastEnd: RunStatus | undefined;
  /** A person has paused its starts. */
  held: boolean;
}

const operations: Readonly<Record<BehaviorName, string>> = {
  update_or_create: 'upsert',
  mirror: 'mirror',
  append: 'append',
};

/** A sync in Census's words. */
export function censusSync(catalog: Catalog, name: string, sync: SyncDefinition, facts: SyncFacts) {
  const model = catalog.definitions.models[sync.model];
  const query = model !== undefined && 'sql' in model ? model.sql : null;
  return {
    id: idOf(catalog, 'syncs', name),
    label: name,
    resource_identifier: name,
    ...scheduleOf(sync.schedule),
    created_at: facts.times?.createdAt ?? null,
    updated_at: facts.times?.updatedAt ?? null,
    operation: operations[sync.behavior],
    paused: sync.paused || facts.held,
    status: statusOf(facts.lastEnd),
    field_behavior: sync.properties === 'all' ? 'sync_all_properties' : 'specific_properties',
    field_normalization: sync.properties === 'all' ? sync.normalization : null,
    mirror_strategy: sync.removed === 'null_traits' ? 'sync_updates_and_nulls' : null,
    source_attributes: {
      connection_id: idOf(catalog, 'connections', model?.connection ?? ''),
      object: { type: 'model', id: idOf(catalog, 'models', sync.model), name: sync.model, query },
    },
    destination_attributes: {
      connection_id: idOf(catalog, 'connections', sync.destination),
      object: sync.object,
    },
    mappings: mappingsOf(sync),
  };
}

function statusOf(lastEnd: RunStatus | undefined): 'Ready' | 'Up to Date' | 'Failing' {
  if (lastEnd === undefined) return 'Ready';
  return lastEnd === 'failed' ? 'Failing' : 'Up to Date';
}

const HOUR_MS = 3_600_000;
const frequencies = new Map([
  [HOUR_MS / 4, 'quarter_hourly'],
  [HOUR_MS, 'hourly'],
  [24 * HOUR_MS, 'daily'],
  [7 * 24 * HOUR_MS, 'weekly'],
]);

/** Census has no word for other intervals: they are an expression without one. */
function scheduleOf(schedule: ScheduleDefinition | undefined) {
  const frequency =
    schedule?.every === undefined
      ? 'expression'
      : (frequencies.get(durationMs(schedule.every)) ?? 'expression');
  return {
    schedule_frequency: schedule === undefined ? 'never' : frequency,
    schedule_day: null,
    schedule_hour: null,
    schedule_minute: null,
    cron_expression: schedule?.cron ?? null,
  };
}

interface CensusMapping {
  from: { type: string; data: unknown };
  to: string;
  is_primary_identifier: boolean;
  generate_field: boolean;
  preserve_values: boolean;
  operation: null;
  sync_null_values: boolean;
}

function mappingsOf({ event, identifiers, key, mapping, nulls, timestamp }: SyncDefinition): CensusMapping[] {
  const entry = (
    from: CensusMapping['from'],
    to: string,
    more: Partial<CensusMapping> = {},
  ): CensusMapping => ({
    from,
    to,
    is_primary_identifier: false,
    generate_field: false,
    preserve_values: false,
    operation: null,
    sync_null_values: nulls === 'send',
    ...more,
  });
  const column = (name: string, to: string, more: Partial<CensusMapping> = {}): CensusMapping =>
    entry({ type: 'column', data: name }, to, more);
  return [
    column(key.from, key.to, { is_primary_identifier: true }),
    ...Object.entries(identifiers ?? {}).flatMap(([to, from]) => (from ? [column(from.from, to)] : [])),
    ...(event?.from === undefined ? [] : [column(event.from, 'event')]),
    ...(event?.constant === undefined ? [] : [entry(constantOf(event.constant), 'event')]),
    ...(timestamp === undefined ? [] : [column(timestamp.from, 'timestamp')]),
    ...mapping.map((one) =>
      entry(sourceOf(one), one.to, one.nulls && { sync_null_values: one.nulls === 'send' }),
    ),
  ];
}

function sourceOf(entry: MappingEntry): CensusMapping['from'] {
  if ('from' in entry) return { type: 'column', data: entry.from };
  if ('hash' in entry) return { type: 'hash', data: entry.hash.from };
  if ('template' in entry) return { type: 'liquid_template', data: entry.template };
  if ('run' in entry) return { type: 'sync_metadata', data: entry.run };
  return constantOf(entry.constant);
}

function constantOf(value: string | number | boolean | null): CensusMapping['from'] {
  const type = typeof value;
  const basic_type = type === 'number' || type === 'boolean' ? type : 'text';
  return { type: 'constant_value', data: { value, basic_type } };
}
