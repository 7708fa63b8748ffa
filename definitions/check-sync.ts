import { envelopeFindings } from './check-envelope.ts';
import { checkSchema, isFields, type Checked } from './checked.ts';
import { mappingFindings } from './check-mapping.ts';
import { misplacedReferences } from './check-model.ts';
import { scheduleFindings } from './check-schedule.ts';
import type { Finding } from './issues.ts';
import { entryOf } from './mapping-entry.ts';
import { unavailableSyncValues, writtenSyncSchema, type SyncDefinition } from './sync.ts';

export function checkSync(name: string, value: unknown): Checked<SyncDefinition> {
  const title = `the sync "${name}"`;
  const { data, findings: found } = checkSchema({
    schema: writtenSyncSchema,
    title,
    value,
    quoteValues: true,
  });
  const findings = found.map((finding) => notBuiltYet(finding, value));
  if (isFields(value)) {
    findings.push(
      ...scheduleFindings(value),
      ...mappingFindings('mapping', value.mapping),
      ...mappingFindings('context', value.context),
      ...envelopeFindings(value),
      ...misplacedReferences(value),
    );
  }
  if (data === null || findings.length > 0) return { definition: null, findings, warnings: [] };
  const { mapping, context, ...rest } = data;
  const definition = {
    ...rest,
    mapping: mapping.map(entryOf),
    ...(context === undefined ? {} : { context: context.map(entryOf) }),
  };
  return { definition, findings, warnings: sendsNothing(definition, title) };
}

/** A value such as `object: group` may be right one day: that is another answer than "unknown". */
function notBuiltYet(finding: Finding, value: unknown): Finding {
  const [field, ...deeper] = finding.path;
  const instead = typeof field === 'string' && deeper.length === 0 ? unavailableSyncValues[field] : undefined;
  if (instead === undefined || !isFields(value) || typeof value[String(field)] !== 'string') return finding;
  const message = `not_available_yet: ${String(field)} "${String(value[String(field)])}" is not available yet`;
  return { ...finding, code: 'not_available_yet', message, fix: instead };
}

/** The run would end with nothing_mapped; so early it is only a hint, since the mapping may be on its way. */
const sendsNothing = ({ properties, mapping }: SyncDefinition, title: string): Finding[] =>
  properties === 'selected' && mapping.length === 0
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
