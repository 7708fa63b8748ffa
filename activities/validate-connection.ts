import { Context } from '@temporalio/activity';
import { sendToChannel } from '../alerts/send-to-channel.ts';
import { testMessage } from '../alerts/message.ts';
import type { ResolvedConnection } from '../definitions/references.ts';
import { draftOwner, readDraft } from '../ledger/connection-drafts.ts';
import { findConnection, pinDefinition } from '../ledger/pin-definition.ts';
import { recordWarnings, requireOpen } from '../ledger/runs.ts';
import { checkSegment } from '../segment/check-connection.ts';
import { sendTest, type TestMessage } from '../segment/send-test.ts';
import { openSource } from '../sources/open.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../sources/source.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { asWarehouse, isChannel, resolve, resolveModel } from './resolve-ends.ts';

/** A run checks both of its ends; `check` asks for one connection. */
export type ValidateConnectionInput =
  | { run: string }
  /** As it stands now, for a recap. */
  | { sync: string }
  /** `draft`: as it is there, and not as it is stored. */
  | { connection: string; sendTest?: boolean; draft?: string };

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
        const { connection, draft, sendTest } = input;
        const definition =
          draft === undefined
            ? await findConnection(ledger.db, connection)
            : await readDraft(ledger.db, draft);
        const owner = draft === undefined ? connection : draftOwner(draft);
        const resolved = await resolve(dependencies, connection, definition, owner);
        return validate(connection, resolved, null, dependencies, sendTest);
      }
      const definition =
        'sync' in input
          ? await pinDefinition(ledger.db, input.sync)
          : (await requireOpen(ledger.db, input.run)).definition;
      const { model, sync } = definition;
      const ends = [
        await validate(
          model.connection,
          await resolve(dependencies, model.connection, definition.source),
          resolveModel(sync.model, model),
          dependencies,
        ),
        await validate(
          sync.destination,
          await resolve(dependencies, sync.destination, definition.destination),
          null,
          dependencies,
        ),
      ];
      const warnings = ends.flatMap((end) => end.warnings);
      if ('run' in input) await recordWarnings(ledger.db, input.run, warnings);
      return { warnings, notes: ends.flatMap((end) => end.notes) };
    },
  );
}

/** Where a test message is seen, when only the write key says which source it is. */
const DEBUGGER = 'Segment: Connections, Sources, the source of the write key, Debugger';

async function validate(
  name: string,
  connection: ResolvedConnection,
  model: ResolvedModel | null,
  { allowedEndpoints, installation, product }: Dependencies,
  test = false,
): Promise<ValidateConnectionResult> {
  if (connection.type === 'segment') {
    const { debuggerUrl, notes, warnings, writeKey } = await checkSegment(name, connection, {
      allowedEndpoints,
    });
    if (!test) return { warnings, notes };
    const sent = await sendTest(name, { ...connection, writeKey }, product);
    return { warnings, notes, test: { ...sent, seeAt: debuggerUrl ?? DEBUGGER } };
  }
  if (test)
    throw new BackhaulError('usage', `--send-test is for Segment; ${name} is of type ${connection.type}`);
  if (isChannel(connection)) {
    await sendToChannel(name, connection, testMessage(installation, name));
    return { warnings: [], notes: ['a test message was taken'] };
  }
  const source = await openSource(name, asWarehouse(name, connection), {
    signal: Context.current().cancellationSignal,
    allowedEndpoints,
  });
  try {
    return { ...(await source.validate(model)), notes: [] };
  } finally {
    await source.close();
  }
}
