import { diffDefinitions, digestDefinition, type Change } from '../definitions/difference.ts';
import { inWrittenOrder } from '../definitions/in-written-order.ts';
import { noDefinitions, sectionOf, type Definitions } from '../definitions/schema.ts';
import { applyAlone } from '../ledger/apply-alone.ts';
import {
  currentDefinitions,
  writeDefinitions,
  type DefinitionsRead,
  type DefinitionWrite,
} from '../ledger/definitions.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ClientConnection } from './connection.ts';
import { definitionsAfter, withoutOrigin, type ApplyOptions } from './definitions-after.ts';
import { planSchedules, type ScheduleChange } from './schedules/plan-schedules.ts';
import { planWatch, type WatchChange } from './schedules/watch-alerts.ts';

/** What `apply` would do, or has done. */
export interface ApplyPlan {
  changes: (Change | ScheduleChange | WatchChange)[];
  /**
   * Carries it out.
   *
   * @throws definitions_changed when others have changed them since the plan was made, schedule_refused, definitions_busy
   */
  apply(): Promise<void>;
}

/** What is installed, of one read. */
export interface Installed {
  definitions: Definitions;
  /** The same, with where each connection came from. */
  stored: Definitions;
  read: DefinitionsRead;
}

export async function readInstalled({ ledger }: ClientConnection): Promise<Installed> {
  const stored = noDefinitions();
  const read = await currentDefinitions(ledger.db);
  for (const { kind, name, document } of read) {
    // Only validated documents are stored, so the document of a kind has that kind's type.
    (stored[sectionOf[kind]] as Record<string, unknown>)[name] = inWrittenOrder(kind, document);
  }
  const connections = Object.fromEntries(
    Object.entries(stored.connections).map(([name, one]) => [name, withoutOrigin(one)]),
  );
  return { definitions: { ...stored, connections }, stored, read };
}

/** The definitions of the installation as they stand. */
export const installedDefinitions = async (connection: ClientConnection): Promise<Definitions> =>
  (await readInstalled(connection)).definitions;

/**
 * Compares given definitions with the installation's. Adds and changes; with `prune` also removes.
 *
 * @param options.installed what `wanted` was made of, when it was
 * @throws definitions_invalid when what would stand afterwards hangs on something that is not there
 */
export async function planApply(
  connection: ClientConnection,
  wanted: Definitions,
  { installed, ...options }: ApplyOptions & { installed?: Installed } = {},
): Promise<ApplyPlan> {
  const { after, changes, write } = planWrite(
    installed ?? (await readInstalled(connection)),
    wanted,
    options,
  );
  const bring = await planTemporal(connection, after);
  return {
    changes: [...changes, ...bring.changes],
    apply: () =>
      applyAlone(connection.ledger.db, async (db) => {
        const session = { ...connection, ledger: { ...connection.ledger, db } };
        await write(session);
        // Others may have applied the same meanwhile, or changed it at Temporal.
        await (await planTemporal(session, after)).apply();
      }),
  };
}

/** How often somebody may store a connection meanwhile. */
const ATTEMPTS = 5;

/**
 * The same at once, from what stands then: nobody else applies between the plan and its end.
 *
 * @param change what to want, given what is installed
 */
export const applyAtOnce = (
  connection: ClientConnection,
  change: (installed: Definitions) => Definitions | Promise<Definitions>,
  options: ApplyOptions = {},
): Promise<ApplyPlan['changes']> =>
  applyAlone(connection.ledger.db, async (db) => {
    const session = { ...connection, ledger: { ...connection.ledger, db } };
    for (let attempt = 1; ; attempt++) {
      const installed = await readInstalled(session);
      const { after, changes, write } = planWrite(installed, await change(installed.definitions), options);
      const bring = await planTemporal(session, after);
      try {
        await write(session);
      } catch (error) {
        const isChanged = error instanceof BackhaulError && error.code === 'definitions_changed';
        if (isChanged && attempt < ATTEMPTS) continue;
        throw error;
      }
      await bring.apply();
      return [...changes, ...bring.changes];
    }
  });

interface WritePlan {
  after: Definitions;
  changes: Change[];
  /** Writes them, if what stands is what the plan was made of. */
  write(connection: ClientConnection): Promise<void>;
}

function planWrite({ read, stored }: Installed, wanted: Definitions, options: ApplyOptions): WritePlan {
  const after = definitionsAfter(stored, wanted, options);
  const changes = diffDefinitions(stored, after).map(hideOrigin);
  const writes = changes.flatMap(({ change, kind, name }): DefinitionWrite[] => {
    if (change === 'unchanged') return [];
    const document = after[sectionOf[kind]][name] ?? null;
    return [{ kind, name, document, digest: digestDefinition(document ?? {}) }];
  });
  return { after, changes, write: ({ ledger }) => writeDefinitions(ledger.db, writes, read) };
}

/** Others wait for one who applies: a Temporal that does not answer may not keep them for longer. */
const deadline = (): number => Date.now() + 30_000;

/** What of the definitions stands at Temporal. */
async function planTemporal(
  connection: ClientConnection,
  { alerts, syncs }: Definitions,
): Promise<ApplyPlan> {
  const { temporal } = connection;
  const schedules = await temporal.withDeadline(deadline(), () => planSchedules(connection, syncs));
  const watch = await temporal.withDeadline(deadline(), () => planWatch(connection, alerts));
  return {
    changes: [...schedules.changes, ...watch.changes],
    async apply() {
      const refused = await schedules.apply();
      await temporal.withDeadline(deadline(), () => watch.apply());
      if (refused.length === 0) return;
      const told = refused.map(({ refusal, sync }) => `sync ${sync}: ${refusal}`);
      throw new BackhaulError('schedule_refused', told.join('; '));
    },
  };
}

/** It is no field that anybody writes; where it alone changes, it is the change. */
const hideOrigin = (change: Change): Change =>
  change.change === 'changed'
    ? change
    : { ...change, fields: change.fields.filter((field) => field !== 'origin') };
