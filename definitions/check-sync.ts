import { envelopeFindings } from './check-envelope.ts';
import { checkSchema, has, isFields, type Checked } from './checked.ts';
import { mappingFindings } from './check-mapping.ts';
import { misplacedReferences } from './check-model.ts';
import { defaultBehavior, objectFindings } from './check-object.ts';
import { scheduleFindings } from './check-schedule.ts';
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
import { writebackFindings } from './writeback.ts';

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
      ...objectFindings(value, title),
      ...mappingFindings(['mapping'], value.mapping),
      ...mappingFindings(['context'], value.context),
      ...(isFields(value.removed) ? mappingFindings(['removed', 'set'], value.removed.set) : []),
      ...envelopeFindings(value),
      ...writebackFindings(value),
      ...misplacedReferences(value),
    );
  }
  if (data === null || findings.length > 0) return { definition: null, findings, warnings: [] };
  const { mapping, context, removed, ...rest } = data;
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
