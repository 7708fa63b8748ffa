import { envelopeFindings } from './check-envelope.ts';
import { checkSchema, has, isFields, type Checked, type Fields } from './checked.ts';
import { mappingFindings } from './check-mapping.ts';
import { misplacedReferences } from './check-model.ts';
import { defaultBehavior, objectFindings } from './check-object.ts';
import type { Finding } from './issues.ts';
import { entryOf } from './mapping-entry.ts';
import {
  writtenSyncSchema,
  writtenSyncWithRemovalSchema,
  type Removal,
  type SyncDefinition,
  type WrittenSync,
  type WrittenSyncWithRemoval,
} from './sync.ts';

export function checkSync(name: string, value: unknown): Checked<SyncDefinition> {
  const title = `the sync "${name}"`;
  const subject = { title, value, quoteValues: true };
  const setsTraits = isFields(value) && isFields(value.removed);
  const { data, findings } = setsTraits
    ? checkSchema({ ...subject, schema: writtenSyncWithRemovalSchema })
    : checkSchema({ ...subject, schema: writtenSyncSchema });
  if (isFields(value)) {
    findings.push(
      ...scheduleFindings(value),
      ...pausedFindings(value),
      ...objectFindings(value, title),
      ...mappingFindings(['mapping'], value.mapping),
      ...mappingFindings(['context'], value.context),
      ...(isFields(value.removed) ? mappingFindings(['removed', 'set'], value.removed.set) : []),
      ...envelopeFindings(value),
      ...misplacedReferences(value),
    );
  }
  if (data === null || findings.length > 0) return { definition: null, findings, warnings: [] };
  const { schedule, mapping, context, removed, ...rest } = data;
  if (schedule !== undefined) return { definition: null, findings, warnings: [] };
  const definition = {
    ...rest,
    behavior: isFields(value) && has(value, 'behavior') ? rest.behavior : defaultBehavior(rest.object),
    mapping: mapping.map(entryOf),
    ...(context === undefined ? {} : { context: context.map(entryOf) }),
    ...(removed === undefined ? {} : { removed: removalOf(removed) }),
  };
  return { definition, findings, warnings: sendsNothing(definition, title) };
}

const removalOf = (
  removed: NonNullable<WrittenSync['removed'] | WrittenSyncWithRemoval['removed']>,
): Removal => (typeof removed === 'string' ? removed : { set: removed.set.map(entryOf) });

function scheduleFindings({ schedule }: Fields): Finding[] {
  if (schedule === undefined) return [];
  const refused: Finding = {
    path: ['schedule'],
    at: 'key',
    code: 'not_available_yet',
    message: 'not_available_yet: schedules are not available yet',
    fix: 'Leave it out, and start runs with `backhaul run`.',
  };
  if (!isFields(schedule)) return [refused];
  const both = has(schedule, 'cron') && has(schedule, 'every');
  const neither = !has(schedule, 'cron') && !has(schedule, 'every');
  const fix = 'Write { cron: "0 * * * *", timezone: UTC } or { every: 15m }.';
  const findings: Finding[] = [];
  if (both)
    findings.push({ path: ['schedule', 'every'], at: 'key', message: '"every" is given beside "cron"', fix });
  if (neither) {
    const message = '"schedule" has neither "cron" nor "every"';
    findings.push({ path: ['schedule'], at: 'key', absence: true, message, fix });
  }
  if (has(schedule, 'every') && has(schedule, 'timezone')) {
    findings.push({
      path: ['schedule', 'timezone'],
      at: 'key',
      message: '"timezone" is for "cron" only',
      fix,
    });
  }
  return [...findings, refused];
}

/** It pauses the schedule of a sync, of which there is none yet. */
const pausedFindings = ({ paused }: Fields): Finding[] =>
  paused === true
    ? [
        {
          path: ['paused'],
          at: 'value',
          code: 'not_available_yet',
          message: 'not_available_yet: there is no schedule yet that could be paused',
          fix: 'Leave it out.',
        },
      ]
    : [];

/** The run would end with nothing_mapped; so early it is only a hint, since the mapping may be on its way. */
const sendsNothing = ({ object, properties, mapping }: SyncDefinition, title: string): Finding[] =>
  object === 'user' && properties === 'selected' && mapping.length === 0
    ? [
        {
          path: ['mapping'],
          at: 'key',
          code: 'nothing_mapped',
          message: `${title} sends no trait: properties are "selected", and "mapping" selects none`,
          fix: 'Add mappings, or write properties: all.',
        },
      ]
    : [];
