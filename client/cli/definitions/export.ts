import { renderDefinitions, withoutLiteralSecrets } from '../../../definitions/render.ts';
import { storedSecretsIn } from '../../../definitions/reference-syntax.ts';
import type { Cli } from '../cli.ts';
import { printJson } from '../output.ts';

/** Prints what the installation has, secrets as references. */
export async function exportDefinitions(cli: Cli, options: { json?: boolean }): Promise<void> {
  const definitions = await cli.withBackhaul((backhaul) => backhaul.definitions.get());
  const connections = withoutLiteralSecrets(definitions.connections);
  for (const [name, connection] of Object.entries(connections)) {
    const stored = storedSecretsIn(connection);
    if (stored.length > 0)
      cli.io.err(
        `${name}: ${stored.join(', ')} is stored encrypted in this installation and is not exported`,
      );
  }
  if (options.json) printJson(cli.io, { ...definitions, connections });
  else cli.io.out(renderDefinitions(definitions).trimEnd());
}
