import { stringify } from 'yaml';
import { alertSchema } from './alert.ts';
import type { ConnectionDefinition } from './connection.ts';
import { connectionSchemas } from './connection.ts';
import { canonicalJson } from './difference.ts';
import { referencesIn } from './reference-syntax.ts';
import { DOCUMENT_VERSION, type Definitions } from './schema.ts';
import { literalSecretsOf, suggestVariable } from './secrets.ts';
import { limitsSchema, writtenSyncSchema, type SyncDefinition } from './sync.ts';

/**
 * Definitions as a YAML file that `parseDefinitions` reads back as the same ones. Fields that have their default
 * are left out; a secret that stands in a connection itself is replaced by a reference to a variable.
 */
export function renderDefinitions(definitions: Definitions): string {
  const connections = withoutLiteralSecrets(definitions.connections);
  const sections = {
    connections: sorted(connections, connectionFields),
    models: sorted(definitions.models, (model) => model),
    syncs: sorted(definitions.syncs, syncFields),
    alerts: sorted(definitions.alerts, (alert) => telling(alert, hasDefault(alertSchema.shape))),
  };
  const filled = Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0);
  return stringify(
    { version: DOCUMENT_VERSION, ...Object.fromEntries(filled) },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

const sorted = <Definition>(
  section: Record<string, Definition>,
  fields: (definition: Definition) => object,
) =>
  Object.fromEntries(
    Object.keys(section)
      .sort()
      .flatMap((name) => {
        const definition = section[name];
        return definition === undefined ? [] : [[name, fields(definition)]];
      }),
  );

/** Connections with a reference to a variable in the place of each secret that stands in them. */
export function withoutLiteralSecrets(connections: Definitions['connections']): Definitions['connections'] {
  const taken = new Set(
    Object.values(connections).flatMap((connection) =>
      Object.values(connection).flatMap((value) =>
        typeof value === 'string'
          ? referencesIn(value).map((reference) => (reference.kind === 'variable' ? reference.name : ''))
          : [],
      ),
    ),
  );
  return Object.fromEntries(
    Object.entries(connections).map(([name, connection]) => {
      const references = literalSecretsOf(connection).map((field) => [
        field,
        `\${${freeVariable(name, field, taken)}}`,
      ]);
      return [name, { ...connection, ...Object.fromEntries(references) } as ConnectionDefinition];
    }),
  );
}

/** `a-b` and `a.b` suggest the same variable; two secrets must not end in one. */
function freeVariable(connection: string, field: string, taken: Set<string>): string {
  const suggested = suggestVariable(connection, field);
  let variable = suggested;
  for (let number = 2; taken.has(variable); number += 1) variable = `${suggested}_${number}`;
  taken.add(variable);
  return variable;
}

/** The fields that say something: present, and not what they are anyway. */
function telling(
  fields: object,
  isDefault: (name: string, value: unknown) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== undefined && !isDefault(name, value)),
  );
}

type Parser = { safeParse: (value: unknown) => { success: boolean; data?: unknown } };

const hasDefault =
  (shape: Readonly<Record<string, Parser>>) =>
  (name: string, value: unknown): boolean => {
    const parsed = shape[name]?.safeParse(undefined);
    return parsed?.success === true && canonicalJson(parsed.data) === canonicalJson(value);
  };

const connectionFields = (connection: ConnectionDefinition): object =>
  telling(connection, hasDefault(connectionSchemas[connection.type].written.shape));

function syncFields(sync: SyncDefinition): object {
  const limits = telling(sync.limits, hasDefault(limitsSchema.shape));
  return telling({ ...sync, limits }, (name, value) =>
    name === 'limits' ? Object.keys(limits).length === 0 : hasDefault(writtenSyncSchema.shape)(name, value),
  );
}
