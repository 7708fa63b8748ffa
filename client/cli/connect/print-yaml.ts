import type { ConnectionDefinition } from '../../../definitions/connection.ts';
import { renderDefinitions } from '../../../definitions/render.ts';
import { noDefinitions } from '../../../definitions/schema.ts';
import { suggestVariable } from '../../../definitions/secrets.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { CliIo } from '../io.ts';

/** Connections as YAML, each secret as a variable that is to be set for the workers. The same secret is one variable. */
export function printYaml(
  io: CliIo,
  name: string,
  connections: Readonly<Record<string, ConnectionWithSecrets>>,
): void {
  const variables = new Set<string>();
  const referring = Object.entries(connections).map(([own, { definition, secrets }]) => {
    const references = Object.keys(secrets).map((field) => {
      const variable = suggestVariable(name, field);
      variables.add(variable);
      return [field, `\${${variable}}`];
    });
    return [own, { ...definition, ...Object.fromEntries(references) } as ConnectionDefinition];
  });
  io.out(
    renderDefinitions({
      ...noDefinitions(),
      connections: Object.fromEntries(referring) as Record<string, ConnectionDefinition>,
    }).trimEnd(),
  );
  if (variables.size > 0)
    io.err(`Nothing was stored. Set ${[...variables].join(' and ')} in the environment of every worker.`);
}
