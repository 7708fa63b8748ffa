import { Context } from '@temporalio/activity';
import { resolveConnection } from '../definitions/references.ts';
import { findConnection } from '../ledger/pin-definition.ts';
import { recordWarnings, requireOpen } from '../ledger/runs.ts';
import { checkSegment } from '../segment/check-connection.ts';
import { sendTest, type TestMessage } from '../segment/send-test.ts';
import { openSource } from '../sources/open.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import type { ResolvedModel } from '../sources/source.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { resolveModel } from './resolve-ends.ts';

/** A run checks both of its ends; `check` asks for one connection. */
export type ValidateConnectionInput = { run: string } | { connection: string; sendTest?: boolean };

export interface ValidateConnectionResult {
  warnings: string[];
  /** What the credentials showed of themselves, such as what a token may read. */
  notes: string[];
  /** What `sendTest` has sent, and where a person sees it. */
  test?: TestMessage & { seeAt: string };
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
        return validate(input.connection, definition, null, dependencies, input.sendTest);
      }
      const { definition } = await requireOpen(ledger.db, input.run);
      const { model, sync } = definition;
      const ends = [
        await validate(model.connection, definition.source, resolveModel(sync.model, model), dependencies),
        await validate(sync.destination, definition.destination, null, dependencies),
      ];
      const warnings = ends.flatMap((end) => end.warnings);
      await recordWarnings(ledger.db, input.run, warnings);
      return { warnings, notes: ends.flatMap((end) => end.notes) };
    },
  );
}

/** Where a test message is seen, when only the write key says which source it is. */
const DEBUGGER = 'Segment: Connections, Sources, the source of the write key, Debugger';

async function validate(
  name: string,
  definition: ConnectionDefinition,
  model: ResolvedModel | null,
  { allowedEndpoints, env, product }: Dependencies,
  test = false,
): Promise<ValidateConnectionResult> {
  const connection = resolveConnection(name, definition, env);
  if (connection.type === 'segment') {
    const { debuggerUrl, notes, warnings, writeKey } = await checkSegment(name, connection, {
      allowedEndpoints,
    });
    if (!test) return { warnings, notes };
    const sent = await sendTest(name, { ...connection, writeKey }, product);
    return { warnings, notes, test: { ...sent, seeAt: debuggerUrl ?? DEBUGGER } };
  }
  if (test) throw new BackhaulError('usage', `--send-test is for Segment; ${name} is a warehouse`);
  const source = await openSource(name, connection, {
    signal: Context.current().cancellationSignal,
    allowedEndpoints,
  });
  try {
    return { ...(await source.validate(model)), notes: [] };
  } finally {
    await source.close();
  }
}
