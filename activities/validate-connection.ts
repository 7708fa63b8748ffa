import { Context } from '@temporalio/activity';
import { resolveConnection } from '../definitions/references.ts';
import { findConnection } from '../ledger/pin-definition.ts';
import { recordWarnings, requireOpen } from '../ledger/runs.ts';
import { checkWriteKey } from '../segment/check.ts';
import { openSource } from '../sources/open.ts';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ResolvedModel } from '../sources/source.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { resolveModel } from './resolve-ends.ts';

/** A run checks both of its ends; `check` asks for one connection. */
export type ValidateConnectionInput = { run: string } | { connection: string };

export interface ValidateConnectionResult {
  warnings: string[];
}

/** Reachable, permitted, read-only; the write key is known, or a warning. */
export async function validateConnection(
  dependencies: Dependencies,
  input: ValidateConnectionInput,
): Promise<ValidateConnectionResult> {
  const { ledger } = dependencies;
  return heartbeating(
    () => ({}),
    async () => {
      if ('connection' in input) {
        const definition = await findConnection(ledger.db, input.connection);
        return validate(input.connection, definition, null, dependencies);
      }
      const { definition } = await requireOpen(ledger.db, input.run);
      const { model, sync } = definition;
      const ends = [
        await validate(model.connection, definition.source, resolveModel(sync.model, model), dependencies),
        await validate(sync.destination, definition.destination, null, dependencies),
      ];
      const warnings = ends.flatMap((end) => end.warnings);
      await recordWarnings(ledger.db, input.run, warnings);
      return { warnings };
    },
  );
}

async function validate(
  name: string,
  definition: ConnectionDefinition,
  model: ResolvedModel | null,
  { allowedEndpoints, env }: Dependencies,
): Promise<ValidateConnectionResult> {
  const connection = resolveConnection(name, definition, env);
  if (connection.type === 'segment') return checkWriteKey(connection);
  const source = await openSource(name, connection, {
    signal: Context.current().cancellationSignal,
    allowedEndpoints,
  });
  try {
    return await source.validate(model);
  } finally {
    await source.close();
  }
}
